import { Delete, Get, Param, Patch, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type Client,
  CLIENT_SCHEMAS,
  clientRepresentation,
  type ClientWritten,
  GetClient,
  ListClients,
  PatchClient,
  RegisterClient,
  RemoveClient,
  ReplaceClient,
} from '#client-registry/contracts.js';
import type { JsonObject } from '#document/json.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import { Administered } from './administered.js';
import type { Answer } from './answer.js';
import { RequiresScope } from './bearer.guard.js';
import { createsOnly, refuseIfMatch, requireIfMatch, stale } from './etag.js';
import { Describes, IF_MATCH, MERGE_PATCH, type NamedSchema } from './operation.js';
import { invalidFields } from './problem.js';
import { JsonDocument } from './request-shape.guard.js';

const schema: NamedSchema = { name: 'Client', schema: CLIENT_SCHEMAS.Client };
const clientDocument: NamedSchema = { name: 'ClientDocument', schema: CLIENT_SCHEMAS.ClientDocument };
const clientPatch: NamedSchema = { name: 'ClientPatch', schema: CLIENT_SCHEMAS.ClientPatch };
const registeredClient: NamedSchema = {
  name: 'RegisteredClient',
  schema: {
    allOf: [schema.schema],
    properties: { client_secret: { type: 'string', description: 'Shown in this answer and never again; a public client has none.' } },
  },
};

const clients = new Administered<Client>({
  path: 'clients',
  noun: 'client',
  key: 'client_id',
  keyOf: ({ client_id }) => client_id,
  represent: clientRepresentation,
  schema,
  newSchema: registeredClient,
  taken: 'there is a client with this client_id already',
});

@AdminResource('clients')
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @RequiresScope('clients:read')
  @Describes({ summary: 'List clients', query: clients.parameters, answers: { 200: clients.page }, problems: [400] })
  async list(@Req() request: FastifyRequest): Promise<Answer> {
    return clients.list(request, this.issuer, (page) => this.queries.execute(new ListClients(page)));
  }

  @Post()
  @RequiresScope('clients:write')
  @Describes({ summary: 'Create a client', body: { schema: clientDocument }, answers: { 201: clients.created }, problems: [400, 409] })
  async create(@JsonDocument() document: JsonObject): Promise<Answer> {
    return this.written(await this.commands.execute(new RegisterClient(document)));
  }

  @Get(':client_id')
  @RequiresScope('clients:read')
  @Describes({ summary: 'Read a client', answers: { 200: clients.shown }, problems: [404] })
  async read(@Param('client_id') clientId: string): Promise<Answer> {
    return clients.one(clients.existing(await this.find(clientId)));
  }

  @Put(':client_id')
  @RequiresScope('clients:write')
  @Describes({
    summary: 'Create a client with this ID, or replace all its metadata',
    body: { schema: clientDocument },
    headers: { ...IF_MATCH, 'If-None-Match': '`*`: create only.' },
    answers: { 200: clients.shown, 201: clients.created },
    problems: [400, 412, 428],
  })
  async put(@Param('client_id') clientId: string, @JsonDocument() document: JsonObject, @Req() request: FastifyRequest): Promise<Answer> {
    const current = await this.find(clientId);
    if (current === undefined) return this.createAt(clientId, document, request);
    if (createsOnly(request)) throw stale();
    requireIfMatch(request, current);
    return this.written(await this.commands.execute(new ReplaceClient(clientId, document, current.version)));
  }

  @Patch(':client_id')
  @RequiresScope('clients:write')
  @Describes({
    summary: 'Change a client by JSON Merge Patch (RFC 7396)',
    body: { schema: clientPatch, types: MERGE_PATCH },
    headers: IF_MATCH,
    answers: { 200: clients.shown },
    problems: [400, 404, 412, 428],
  })
  async patch(@Param('client_id') clientId: string, @JsonDocument() patch: JsonObject, @Req() request: FastifyRequest): Promise<Answer> {
    const { version } = clients.seen(request, await this.find(clientId));
    return this.written(await this.commands.execute(new PatchClient(clientId, patch, version)));
  }

  @Delete(':client_id')
  @RequiresScope('clients:write')
  @Describes({
    summary: 'Remove a client, with its secrets, grants and tokens',
    headers: IF_MATCH,
    answers: { 204: clients.gone },
    problems: [404, 412, 428],
  })
  async remove(@Param('client_id') clientId: string, @Req() request: FastifyRequest): Promise<Answer> {
    const { version } = clients.seen(request, await this.find(clientId));
    return clients.removed(await this.commands.execute(new RemoveClient(clientId, version)));
  }

  private async createAt(clientId: string, document: JsonObject, request: FastifyRequest): Promise<Answer> {
    refuseIfMatch(request);
    if (Object.hasOwn(document, 'client_id') && document['client_id'] !== clientId) {
      throw invalidFields([{ pointer: '/client_id', rule: 'read-only', detail: 'must be the one in the path' }]);
    }
    const written = await this.commands.execute(new RegisterClient({ ...document, client_id: clientId }));
    if (written.outcome === 'taken') throw stale();
    return this.written(written);
  }

  private async find(clientId: string): Promise<Client | undefined> {
    return this.queries.execute(new GetClient(clientId, 'stored'));
  }

  private written(written: ClientWritten): Answer {
    const secret = written.outcome === 'created' ? written.clientSecret : undefined;
    return clients.written(written, this.issuer, secret && { client_secret: secret.reveal() });
  }
}
