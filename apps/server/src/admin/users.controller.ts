import { Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type Account,
  ACCOUNT_SCHEMAS,
  type AccountDocument,
  accountRepresentation,
  type AccountWritten,
  ChangeAccount,
  CreateAccount,
  GetAccount,
  ListAccounts,
  RemoveAccount,
} from '#authentication/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { RequiresScope } from './bearer.guard.js';
import { queryOf } from '../http/bodies.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import { Answer } from './answer.js';
import { etagOf, requireIfMatch, stale } from './etag.js';
import { Describes, IF_MATCH, MERGE_PATCH, type NamedSchema, pageSchema } from './operation.js';
import { pageAnswer, pageParameters, readPage } from './page.js';
import { invalidFields, Problem } from './problem.js';
import { JsonDocument } from './request-shape.guard.js';

const account: NamedSchema = { name: 'Account', schema: ACCOUNT_SCHEMAS.Account };
const accountDocument: NamedSchema = { name: 'AccountDocument', schema: ACCOUNT_SCHEMAS.AccountDocument };
const accountPatch: NamedSchema = { name: 'AccountPatch', schema: ACCOUNT_SCHEMAS.AccountPatch };

const VERSION = { ETag: 'The version of the account.' };
const created = {
  description: 'The account was created.',
  body: account,
  headers: { ...VERSION, Location: 'The URL of the account.' },
};
const shown = { description: 'The account.', body: account, headers: VERSION };

@AdminResource('users')
export class UsersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @RequiresScope('users:read')
  @Describes({
    summary: 'List accounts',
    query: pageParameters('sub'),
    answers: { 200: { description: 'A page of accounts.', body: pageSchema(account), headers: { Link: 'The next page.' } } },
    problems: [400],
  })
  async list(@Req() request: FastifyRequest): Promise<Answer> {
    const query = queryOf(request);
    const page = readPage(query, 'sub');
    const found = await this.queries.execute(new ListAccounts({ ...page, limit: page.limit + 1 }));
    const url = this.issuer.absolute('/admin/v1/users');
    return pageAnswer(query, page, { found, keyOf: ({ sub }) => sub, represent: accountRepresentation, url });
  }

  @Post()
  @RequiresScope('users:write')
  @Describes({ summary: 'Create an account', body: { schema: accountDocument }, answers: { 201: created }, problems: [400, 409] })
  async create(@JsonDocument() document: AccountDocument): Promise<Answer> {
    return this.written(await this.commands.execute(new CreateAccount(document)));
  }

  @Get(':sub')
  @RequiresScope('users:read')
  @Describes({ summary: 'Read an account', answers: { 200: shown }, problems: [404] })
  async read(@Param('sub') sub: string): Promise<Answer> {
    const found = await this.find(sub);
    return new Answer(200, accountRepresentation(found), { etag: etagOf(found) });
  }

  @Patch(':sub')
  @RequiresScope('users:write')
  @Describes({
    summary: 'Change an account by JSON Merge Patch (RFC 7396); lock it, unlock it, set its password',
    body: { schema: accountPatch, types: MERGE_PATCH },
    headers: IF_MATCH,
    answers: { 200: shown },
    problems: [400, 404, 412, 428],
  })
  async patch(@Param('sub') sub: string, @JsonDocument() document: AccountDocument, @Req() request: FastifyRequest): Promise<Answer> {
    const current = await this.find(sub);
    requireIfMatch(request, current);
    return this.written(await this.commands.execute(new ChangeAccount(sub, document, current.version)));
  }

  @Delete(':sub')
  @RequiresScope('users:write')
  @Describes({
    summary: 'Remove an account with its sessions; its sub and its username stay taken',
    headers: IF_MATCH,
    answers: { 204: { description: 'The account is gone.' } },
    problems: [404, 412, 428],
  })
  async remove(@Param('sub') sub: string, @Req() request: FastifyRequest): Promise<Answer> {
    const current = await this.find(sub);
    requireIfMatch(request, current);
    const outcome = await this.commands.execute(new RemoveAccount(sub, current.version));
    if (outcome === 'not-found') throw noSuchAccount();
    if (outcome === 'stale') throw stale();
    return new Answer(204);
  }

  private async find(sub: string): Promise<Account> {
    const found = await this.queries.execute(new GetAccount(sub));
    if (found === undefined) throw noSuchAccount();
    return found;
  }

  private written(written: AccountWritten): Answer {
    switch (written.outcome) {
      case 'created':
      case 'changed': {
        const isNew = written.outcome === 'created';
        const location = this.issuer.absolute(`/admin/v1/users/${encodeURIComponent(written.account.sub)}`);
        const headers = { etag: etagOf(written.account), ...(isNew && { location }) };
        return new Answer(isNew ? 201 : 200, accountRepresentation(written.account), headers);
      }
      case 'invalid':
        throw invalidFields(written.errors);
      case 'taken':
        throw new Problem('taken', 'the sub or the username is, or once was, that of another account');
      case 'stale':
        throw stale();
      case 'not-found':
        throw noSuchAccount();
    }
  }
}

function noSuchAccount(): Problem {
  return new Problem('not-found', 'there is no account with this sub');
}
