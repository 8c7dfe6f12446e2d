import type { Seam } from './seam.js';

/** Tags, which an administrator creates, reads, lists, changes and removes. */
export const administeredResource: Seam = {
  row: 'an administered resource',
  goal: 6,
  added: {
    'libs/client-registry/src/domain/tag-document.ts': `
import { IsDefined, IsString, MaxLength, SetOnce } from '#document/decorators.js';
import { newSchema, patchSchema, shownSchema } from '#document/document-schema.js';
import type { JsonObject } from '#document/json.js';
import { represent } from '#document/members.js';
import { readNew, readPatch } from '#document/read-document.js';

class TagDocument {
  static readonly noun = 'a tag';

  @IsDefined() @IsString() @MaxLength(20) @SetOnce()
  readonly name!: string;

  @IsDefined() @IsString() @MaxLength(100)
  readonly title: string = '';
}

export const TAG_SCHEMAS = { Tag: shownSchema(TagDocument), NewTag: newSchema(TagDocument), TagPatch: patchSchema(TagDocument) };

export function tagRepresentation({ name, title }: { name: string; title: string }): JsonObject {
  return represent(TagDocument, { name, title });
}

export function readNewTag(document: JsonObject) {
  return readNew(TagDocument, document);
}

export function readTagPatch(tag: { name: string; title: string }, patch: JsonObject) {
  return readPatch(TagDocument, patch, { current: tagRepresentation(tag) });
}
`,
    'libs/client-registry/src/persistence/tags.ts': `
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { deleteIf, insertIfFree, pageOf, updateIf } from '#database/administered-rows.js';
import { integer, permanent, type Row, table, text, timestamp } from '#database/table.js';
import type { PageRequest } from '#document/page-request.js';

export const tagsTable = table({
  name: 'tags',
  owner: 'client-registry',
  retention: permanent('an administrator removes it'),
  columns: { name: text({ primary: 'tags_pkey', collation: 'C' }), title: text(), version: integer(), created_at: timestamp() },
});

type Tag = Row<typeof tagsTable>;

@Injectable()
export class Tags {
  constructor(@InjectRepository(tagsTable.entity) private readonly repository: Repository<Tag>) {}

  async find(name: string): Promise<Tag | undefined> {
    return (await this.repository.findOneBy({ name })) ?? undefined;
  }

  async list(page: PageRequest): Promise<readonly Tag[]> {
    return pageOf(this.repository.createQueryBuilder('tag'), 'tag.name', page);
  }

  async insert(tag: Tag): Promise<boolean> {
    return insertIfFree(this.repository, tag);
  }

  async update({ name, version }: Tag, title: string): Promise<boolean> {
    return updateIf(this.repository, { name, version }, { title, version: version + 1 });
  }

  async remove(name: string, version: number): Promise<boolean> {
    return deleteIf(this.repository, { name, version });
  }
}
`,
    'libs/client-registry/src/administer-tags.ts': `
import type { Removed } from '#document/outcomes.js';
import { HandlesCommand, HandlesQuery } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { ChangeTag, CreateTag, GetTag, ListTags, RemoveTag, type Tag, type TagWritten } from './contracts.js';
import { readNewTag, readTagPatch } from './domain/tag-document.js';
import { Tags } from './persistence/tags.js';

@HandlesQuery(GetTag)
export class GetTagHandler {
  constructor(private readonly tags: Tags) {}

  async execute({ name }: GetTag): Promise<Tag | undefined> {
    return this.tags.find(name);
  }
}

@HandlesQuery(ListTags)
export class ListTagsHandler {
  constructor(private readonly tags: Tags) {}

  async execute({ page }: ListTags): Promise<readonly Tag[]> {
    return this.tags.list(page);
  }
}

@HandlesCommand(CreateTag)
export class CreateTagHandler {
  constructor(
    private readonly tags: Tags,
    private readonly clock: Clock,
  ) {}

  async execute({ document }: CreateTag): Promise<TagWritten> {
    const read = readNewTag(document);
    if (read.outcome === 'invalid') return read;
    const stored = { ...read.document, version: 1, created_at: this.clock.now() };
    return (await this.tags.insert(stored)) ? { outcome: 'created', stored } : { outcome: 'taken' };
  }
}

@HandlesCommand(ChangeTag)
export class ChangeTagHandler {
  constructor(private readonly tags: Tags) {}

  async execute({ before, patch }: ChangeTag): Promise<TagWritten> {
    const read = readTagPatch(before, patch);
    if (read.outcome === 'invalid') return read;
    const { title } = read.document;
    const isChanged = await this.tags.update(before, title);
    return isChanged ? { outcome: 'changed', stored: { ...before, title, version: before.version + 1 } } : { outcome: 'stale' };
  }
}

@HandlesCommand(RemoveTag)
export class RemoveTagHandler {
  constructor(private readonly tags: Tags) {}

  async execute({ name, version }: RemoveTag): Promise<Removed> {
    if (await this.tags.remove(name, version)) return 'removed';
    return (await this.tags.find(name)) === undefined ? 'not-found' : 'stale';
  }
}

export const TAG_HANDLERS = [GetTagHandler, ListTagsHandler, CreateTagHandler, ChangeTagHandler, RemoveTagHandler];
`,
    'apps/server/src/admin/tags.controller.ts': `
import { Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  ChangeTag,
  CreateTag,
  GetTag,
  ListTags,
  RemoveTag,
  type Tag,
  TAG_SCHEMAS,
  tagRepresentation,
} from '#client-registry/contracts.js';
import type { JsonObject } from '#document/json.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import { Administered } from './administered.js';
import type { Answer } from './answer.js';
import { RequiresScope } from './bearer.guard.js';
import { Describes, IF_MATCH, MERGE_PATCH } from './operation.js';
import { JsonDocument } from './request-shape.guard.js';

const NEW = { schema: { name: 'NewTag', schema: TAG_SCHEMAS.NewTag } };
const PATCH = { schema: { name: 'TagPatch', schema: TAG_SCHEMAS.TagPatch }, types: MERGE_PATCH };

const tags = new Administered<Tag>({
  path: 'tags',
  noun: 'tag',
  key: 'name',
  keyOf: ({ name }) => name,
  represent: tagRepresentation,
  schema: { name: 'Tag', schema: TAG_SCHEMAS.Tag },
  taken: 'another tag has the name',
});

@AdminResource('tags')
export class TagsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @RequiresScope('tags:write')
  @Describes({ summary: 'List tags', query: tags.parameters, answers: { 200: tags.page }, problems: [400] })
  async list(@Req() request: FastifyRequest): Promise<Answer> {
    return tags.list(request, this.issuer, (page) => this.queries.execute(new ListTags(page)));
  }

  @Post()
  @RequiresScope('tags:write')
  @Describes({ summary: 'Create a tag', body: NEW, answers: { 201: tags.created }, problems: [400, 409] })
  async create(@JsonDocument() document: JsonObject): Promise<Answer> {
    return tags.written(await this.commands.execute(new CreateTag(document)), this.issuer);
  }

  @Get(':name')
  @RequiresScope('tags:write')
  @Describes({ summary: 'Read a tag', answers: { 200: tags.shown }, problems: [404] })
  async read(@Param('name') name: string): Promise<Answer> {
    return tags.one(tags.existing(await this.queries.execute(new GetTag(name))));
  }

  @Patch(':name')
  @RequiresScope('tags:write')
  @Describes({ summary: 'Change a tag', body: PATCH, headers: IF_MATCH, answers: { 200: tags.shown }, problems: [400, 404, 412, 428] })
  async patch(@Param('name') name: string, @JsonDocument() patch: JsonObject, @Req() request: FastifyRequest): Promise<Answer> {
    const before = tags.seen(request, await this.queries.execute(new GetTag(name)));
    return tags.written(await this.commands.execute(new ChangeTag(before, patch)), this.issuer);
  }

  @Delete(':name')
  @RequiresScope('tags:write')
  @Describes({ summary: 'Remove a tag', headers: IF_MATCH, answers: { 204: tags.gone }, problems: [404, 412, 428] })
  async remove(@Param('name') name: string, @Req() request: FastifyRequest): Promise<Answer> {
    const { version } = tags.seen(request, await this.queries.execute(new GetTag(name)));
    return tags.removed(await this.commands.execute(new RemoveTag(name, version)));
  }
}
`,
    'migrations/1790000000002-tags.ts': `
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Tags1790000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(\`CREATE TABLE tags (
      name text COLLATE "C" CONSTRAINT tags_pkey PRIMARY KEY, title text NOT NULL, version integer NOT NULL,
      created_at timestamptz NOT NULL)\`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE tags');
  }
}
`,
  },
  edits: [
    {
      file: 'libs/client-registry/src/contracts.ts',
      anchor: 'export class GetClient extends',
      text: `export { TAG_SCHEMAS, tagRepresentation } from './domain/tag-document.js';

export interface Tag {
  readonly name: string;
  readonly title: string;
  readonly version: number;
  readonly created_at: Date;
}

export type TagWritten = Written<Tag>;

export class GetTag extends Query<Tag | undefined> {
  constructor(readonly name: string) {
    super();
  }
}

export class ListTags extends Query<readonly Tag[]> {
  constructor(readonly page: PageRequest) {
    super();
  }
}

export class CreateTag extends Command<TagWritten> {
  constructor(readonly document: JsonObject) {
    super();
  }
}

export class ChangeTag extends Command<TagWritten> {
  constructor(
    readonly before: Tag,
    readonly patch: JsonObject,
  ) {
    super();
  }
}

export class RemoveTag extends Command<Removed> {
  constructor(
    readonly name: string,
    readonly version: number,
  ) {
    super();
  }
}

`,
      before: true,
    },
    { file: 'libs/client-registry/src/client-registry.module.ts', anchor: 'const useCases = [\n', text: '  ...TAG_HANDLERS,\n' },
    {
      file: 'libs/client-registry/src/client-registry.module.ts',
      anchor: 'DatabaseModule.forTables([clientsTable, ',
      text: 'tagsTable, ',
    },
    { file: 'libs/client-registry/src/client-registry.module.ts', anchor: '[Clients, ', text: 'Tags, ' },
    {
      file: 'libs/client-registry/src/client-registry.module.ts',
      anchor: "import { AuthenticateClientHandler } from './authenticate-client.js';\n",
      text: "import { TAG_HANDLERS } from './administer-tags.js';\nimport { Tags, tagsTable } from './persistence/tags.js';\n",
      before: true,
    },
    { file: 'libs/client-registry/src/domain/administration-scopes.ts', anchor: "  'keys:write',\n", text: "  'tags:write',\n" },
    { file: 'apps/server/src/admin/admin.module.ts', anchor: 'OpenApiController, ', text: 'TagsController, ' },
    {
      file: 'apps/server/src/admin/admin.module.ts',
      anchor: "import { UsersController } from './users.controller.js';\n",
      text: "import { TagsController } from './tags.controller.js';\n",
      before: true,
    },
    { file: 'apps/server/src/start/migrations.ts', anchor: 'export const migrations = [\n', text: '  Tags1790000000002,\n' },
    {
      file: 'apps/server/src/start/migrations.ts',
      anchor: "import { Outbox1760000000001 } from '#migrations/1760000000001-outbox.js';\n",
      text: "import { Tags1790000000002 } from '#migrations/1790000000002-tags.js';\n",
    },
  ],
};
