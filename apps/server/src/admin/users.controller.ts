import { Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type Account,
  ACCOUNT_SCHEMAS,
  accountRepresentation,
  ChangeAccount,
  CreateAccount,
  GetAccount,
  ListAccounts,
  RemoveAccount,
} from '#authentication/contracts.js';
import type { JsonObject } from '#document/json.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import { Administered } from './administered.js';
import type { Answer } from './answer.js';
import { RequiresScope } from './bearer.guard.js';
import { Describes, IF_MATCH, MERGE_PATCH, type NamedSchema } from './operation.js';
import { JsonDocument } from './request-shape.guard.js';

const accountDocument: NamedSchema = { name: 'AccountDocument', schema: ACCOUNT_SCHEMAS.AccountDocument };
const accountPatch: NamedSchema = { name: 'AccountPatch', schema: ACCOUNT_SCHEMAS.AccountPatch };

const accounts = new Administered<Account>({
  path: 'users',
  noun: 'account',
  key: 'sub',
  keyOf: ({ sub }) => sub,
  represent: accountRepresentation,
  schema: { name: 'Account', schema: ACCOUNT_SCHEMAS.Account },
  taken: 'the sub or the username is, or once was, that of another account',
});

@AdminResource('users')
export class UsersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @RequiresScope('users:read')
  @Describes({ summary: 'List accounts', query: accounts.parameters, answers: { 200: accounts.page }, problems: [400] })
  async list(@Req() request: FastifyRequest): Promise<Answer> {
    return accounts.list(request, this.issuer, (page) => this.queries.execute(new ListAccounts(page)));
  }

  @Post()
  @RequiresScope('users:write')
  @Describes({ summary: 'Create an account', body: { schema: accountDocument }, answers: { 201: accounts.created }, problems: [400, 409] })
  async create(@JsonDocument() document: JsonObject): Promise<Answer> {
    return accounts.written(await this.commands.execute(new CreateAccount(document)), this.issuer);
  }

  @Get(':sub')
  @RequiresScope('users:read')
  @Describes({ summary: 'Read an account', answers: { 200: accounts.shown }, problems: [404] })
  async read(@Param('sub') sub: string): Promise<Answer> {
    return accounts.one(accounts.existing(await this.find(sub)));
  }

  @Patch(':sub')
  @RequiresScope('users:write')
  @Describes({
    summary: 'Change an account by JSON Merge Patch (RFC 7396); lock it, unlock it, set its password',
    body: { schema: accountPatch, types: MERGE_PATCH },
    headers: IF_MATCH,
    answers: { 200: accounts.shown },
    problems: [400, 404, 412, 428],
  })
  async patch(@Param('sub') sub: string, @JsonDocument() patch: JsonObject, @Req() request: FastifyRequest): Promise<Answer> {
    const { version } = accounts.seen(request, await this.find(sub));
    return accounts.written(await this.commands.execute(new ChangeAccount(sub, patch, version)), this.issuer);
  }

  @Delete(':sub')
  @RequiresScope('users:write')
  @Describes({
    summary: 'Remove an account with its sessions; its sub and its username stay taken',
    headers: IF_MATCH,
    answers: { 204: accounts.gone },
    problems: [404, 412, 428],
  })
  async remove(@Param('sub') sub: string, @Req() request: FastifyRequest): Promise<Answer> {
    const { version } = accounts.seen(request, await this.find(sub));
    return accounts.removed(await this.commands.execute(new RemoveAccount(sub, version)));
  }

  private async find(sub: string): Promise<Account | undefined> {
    return this.queries.execute(new GetAccount(sub));
  }
}
