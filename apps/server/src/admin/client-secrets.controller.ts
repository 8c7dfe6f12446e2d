import { Delete, Get, Param, Post } from '@nestjs/common';
import {
  CLIENT_SECRET_SCHEMAS,
  clientSecretRepresentation,
  ListClientSecrets,
  RemoveClientSecret,
  ResetClientSecret,
} from '#client-registry/contracts.js';
import type { JsonObject } from '#document/json.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import { Answer } from './answer.js';
import { RequiresScope } from './bearer.guard.js';
import { contentEtag } from './etag.js';
import { Describes, type NamedSchema, pageSchema } from './operation.js';
import { invalidFields, Problem } from './problem.js';
import { JsonDocument } from './request-shape.guard.js';

const secret: NamedSchema = { name: 'ClientSecret', schema: CLIENT_SECRET_SCHEMAS.ClientSecret };
const reset: NamedSchema = { name: 'ClientSecretReset', schema: CLIENT_SECRET_SCHEMAS.ClientSecretReset };
const newSecret: NamedSchema = {
  name: 'NewClientSecret',
  schema: {
    allOf: [secret.schema],
    properties: { client_secret: { type: 'string', description: 'The value, in this answer and never again.' } },
    required: ['client_secret'],
  },
};

@AdminResource('clients/:client_id/secrets')
export class ClientSecretsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @RequiresScope('clients:read')
  @Describes({
    summary: 'List the secrets of a client, without their values',
    answers: { 200: { description: 'All its secrets.', body: pageSchema(secret) } },
    problems: [404],
  })
  async list(@Param('client_id') clientId: string): Promise<Answer> {
    const secrets = await this.queries.execute(new ListClientSecrets(clientId));
    if (secrets === undefined) throw noSuchClient();
    const body = { items: secrets.map(clientSecretRepresentation) };
    return new Answer(200, body, { etag: contentEtag(body) });
  }

  @Post()
  @RequiresScope('clients:write')
  @Describes({
    summary: 'Make a new secret',
    body: { schema: reset },
    answers: { 201: { description: 'The new secret.', body: newSecret, headers: { Location: 'The URL of the secret.' } } },
    problems: [400, 404, 409],
  })
  async reset(@Param('client_id') clientId: string, @JsonDocument() document: JsonObject): Promise<Answer> {
    const written = await this.commands.execute(new ResetClientSecret(clientId, document));
    switch (written.outcome) {
      case 'created': {
        const { id } = written.secret;
        const location = this.issuer.absolute(`/admin/v1/clients/${encodeURIComponent(clientId)}/secrets/${id}`);
        return new Answer(201, { ...clientSecretRepresentation(written.secret), client_secret: written.value.reveal() }, { location });
      }
      case 'invalid':
        throw invalidFields(written.errors);
      case 'not-found':
        throw noSuchClient();
      case 'public-client':
        throw new Problem('conflict', 'a public client has no secret');
      case 'too-many':
        throw new Problem('conflict', 'the client has too many secrets; remove one, or let the others end');
    }
  }

  @Delete(':secret_id')
  @RequiresScope('clients:write')
  @Describes({ summary: 'Remove a secret', answers: { 204: { description: 'The secret is gone.' } }, problems: [404] })
  async remove(@Param('client_id') clientId: string, @Param('secret_id') secretId: string): Promise<Answer> {
    const outcome = await this.commands.execute(new RemoveClientSecret(clientId, secretId));
    if (outcome === 'not-found') throw new Problem('not-found', 'there is no such secret of this client');
    return new Answer(204);
  }
}

function noSuchClient(): Problem {
  return new Problem('not-found', 'there is no client with this client_id');
}
