import { Delete, Get, Param, Patch, Post, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  type Client,
  CLIENT_SCHEMAS,
  type ClientDocument,
  clientRepresentation,
  type ClientWritten,
  GetClient,
  ListClients,
  PatchClient,
  RegisterClient,
  RemoveClient,
  ReplaceClient,
} from '#client-registry/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { RequiresScope } from './bearer.guard.js';
import { queryOf } from '../http/bodies.js';
import { Issuer } from '../http/issuer.js';
import { AdminResource } from './admin-resource.js';
import { Answer } from './answer.js';
import { createsOnly, etagOf, refuseIfMatch, requireIfMatch, stale } from './etag.js';
import { Describes, IF_MATCH, MERGE_PATCH, type NamedSchema, pageSchema } from './operation.js';
import { pageAnswer, pageParameters, readPage } from './page.js';
import { invalidFields, Problem } from './problem.js';
import { JsonDocument } from './request-shape.guard.js';

const client: NamedSchema = { name: 'Client', schema: CLIENT_SCHEMAS.Client };
const clientDocument: NamedSchema = { name: 'ClientDocument', schema: CLIENT_SCHEMAS.ClientDocument };
const clientPatch: NamedSchema = { name: 'ClientPatch', schema: CLIENT_SCHEMAS.ClientPatch };
const registeredClient: NamedSchema = {
  name: 'RegisteredClient',
  schema: {
    allOf: [client.schema],
    properties: { client_secret: { type: 'string', description: 'Shown in this answer and never again; a public client has none.' } },
  },
};

const created = {
  description: 'The client was created.',
  body: registeredClient,
  headers: { ETag: 'The version of the client.', Location: 'The URL of the client.' },
};
const shown = { description: 'The client.', body: client, headers: { ETag: 'The version of the client.' } };

@AdminResource('clients')
export class ClientsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  @Get()
  @RequiresScope('clients:read')
  @Describes({
    summary: 'List clients',
    query: pageParameters('client_id'),
    answers: { 200: { description: 'A page of clients.', body: pageSchema(client), headers: { Link: 'The next page.' } } },
    problems: [400],
  })
  async list(@Req() request: FastifyRequest): Promise<Answer> {
    const query = queryOf(request);
    const page = readPage(query, 'client_id');
    const found = await this.queries.execute(new ListClients({ ...page, limit: page.limit + 1 }));
    const url = this.issuer.absolute('/admin/v1/clients');
    return pageAnswer(query, page, { found, keyOf: ({ client_id }) => client_id, represent: clientRepresentation, url });
  }

  @Post()
  @RequiresScope('clients:write')
  @Describes({ summary: 'Create a client', body: { schema: clientDocument }, answers: { 201: created }, problems: [400, 409] })
  async create(@JsonDocument() document: ClientDocument): Promise<Answer> {
    return this.written(await this.commands.execute(new RegisterClient(document)));
  }

  @Get(':client_id')
  @RequiresScope('clients:read')
  @Describes({ summary: 'Read a client', answers: { 200: shown }, problems: [404] })
  async read(@Param('client_id') clientId: string): Promise<Answer> {
    const found = await this.find(clientId);
    if (found === undefined) throw noSuchClient();
    return new Answer(200, clientRepresentation(found), { etag: etagOf(found) });
  }

  @Put(':client_id')
  @RequiresScope('clients:write')
  @Describes({
    summary: 'Create a client with this ID, or replace all its metadata',
    body: { schema: clientDocument },
    headers: { ...IF_MATCH, 'If-None-Match': '`*`: create only.' },
    answers: { 200: shown, 201: created },
    problems: [400, 412, 428],
  })
  async put(
    @Param('client_id') clientId: string,
    @JsonDocument() document: ClientDocument,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
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
    answers: { 200: shown },
    problems: [400, 404, 412, 428],
  })
  async patch(
    @Param('client_id') clientId: string,
    @JsonDocument() document: ClientDocument,
    @Req() request: FastifyRequest,
  ): Promise<Answer> {
    const current = await this.findToChange(clientId, request);
    return this.written(await this.commands.execute(new PatchClient(clientId, document, current.version)));
  }

  @Delete(':client_id')
  @RequiresScope('clients:write')
  @Describes({
    summary: 'Remove a client, with its secrets, grants and tokens',
    headers: IF_MATCH,
    answers: { 204: { description: 'The client is gone.' } },
    problems: [404, 412, 428],
  })
  async remove(@Param('client_id') clientId: string, @Req() request: FastifyRequest): Promise<Answer> {
    const current = await this.findToChange(clientId, request);
    const outcome = await this.commands.execute(new RemoveClient(clientId, current.version));
    if (outcome === 'not-found') throw noSuchClient();
    if (outcome === 'stale') throw stale();
    return new Answer(204);
  }

  private async createAt(clientId: string, document: ClientDocument, request: FastifyRequest): Promise<Answer> {
    refuseIfMatch(request);
    if (Object.hasOwn(document, 'client_id') && document['client_id'] !== clientId) {
      throw invalidFields([{ pointer: '/client_id', rule: 'read-only', detail: 'must be the one in the path' }]);
    }
    const written = await this.commands.execute(new RegisterClient({ ...document, client_id: clientId }));
    if (written.outcome === 'taken') throw stale();
    return this.written(written);
  }

  private async findToChange(clientId: string, request: FastifyRequest): Promise<Client> {
    const current = await this.find(clientId);
    if (current === undefined) throw noSuchClient();
    requireIfMatch(request, current);
    return current;
  }

  private async find(clientId: string): Promise<Client | undefined> {
    return this.queries.execute(new GetClient(clientId, 'stored'));
  }

  private written(written: ClientWritten): Answer {
    switch (written.outcome) {
      case 'created': {
        const location = this.issuer.absolute(`/admin/v1/clients/${encodeURIComponent(written.client.client_id)}`);
        const secret = written.clientSecret === undefined ? {} : { client_secret: written.clientSecret.reveal() };
        const headers = { etag: etagOf(written.client), location };
        return new Answer(201, { ...clientRepresentation(written.client), ...secret }, headers);
      }
      case 'changed':
        return new Answer(200, clientRepresentation(written.client), { etag: etagOf(written.client) });
      case 'invalid':
        throw invalidFields(written.errors);
      case 'taken':
        throw new Problem('taken', 'there is a client with this client_id already');
      case 'stale':
        throw stale();
      case 'not-found':
        throw noSuchClient();
    }
  }
}

function noSuchClient(): Problem {
  return new Problem('not-found', 'there is no client with this client_id');
}
