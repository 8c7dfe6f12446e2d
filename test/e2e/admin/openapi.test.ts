import { Validator } from '@seriousme/openapi-schema-validator';
import { Controller, Get } from '@nestjs/common';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { AdminResource } from '#server/admin/admin-resource.js';
import { openApiDocument } from '#server/admin/openapi.js';
import { RequiresScope } from '#server/admin/bearer.guard.js';
import { startServer, type TestServer } from '#test/server.js';

interface OperationObject {
  readonly operationId: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}

interface OpenApi {
  readonly openapi: string;
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Record<string, Record<string, OperationObject>>;
  readonly components: { readonly schemas: Record<string, object> };
}

let server: TestServer;
let document: OpenApi;
beforeAll(async () => {
  server = await startServer();
  // No token is needed to read what the API is.
  document = (await (await fetch(`${server.url}/admin/v1/openapi.json`)).json()) as OpenApi;
});
afterAll(() => server.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })));

/** A schema of the document as a check; the keywords are those of JSON Schema 2020-12, as OpenAPI 3.1 has it. */
function schema(name: string): (value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  const validate = ajv.compile(document.components.schemas[name]!);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`));
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result).toMatchObject({ valid: true });
    expect(document.openapi).toBe('3.1.0');
    expect(document.servers).toEqual([{ url: server.issuer }]);
  });

  it('has exactly the routes below /admin of the server', () => {
    const fastify = server.app.getHttpAdapter().getInstance();
    const described = operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort();
    expect(described).toEqual([...routesUnder(fastify.printRoutes({ commonPrefix: false }), '/admin')].sort());
    expect(described).toContain('PATCH /admin/v1/clients/{client_id}');
  });

  it('has a unique operationId and, except for this document, a scope for every operation', () => {
    const names = operations().map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const open = operations().filter(({ operation }) => operation.security.length === 0).map(({ path }) => path);
    expect(open).toEqual(['/admin/v1/openapi.json']);
  });

  it('names the scope that is required', async () => {
    for (const { path, method, operation } of operations().filter((one) => one.operation.security.length > 0)) {
      const [required = ''] = Object.values(operation.security[0]!)[0]!;
      const other = required === 'events:read' ? 'clients:read' : 'events:read';
      const response = await fetch(server.url + path.replaceAll(/\{\w+\}/g, 'x'), {
        method: method.toUpperCase(),
        headers: { authorization: `Bearer ${await server.admin.newToken(other)}` },
      });
      const challenge = response.headers.get('www-authenticate');
      expect({ path, method, challenge }).toEqual({ path, method, challenge: expect.stringContaining(`scope="${required}"`) });
      expect(response.status).toBe(403);
    }
  });

  it('declares the parameters of every path', () => {
    for (const { path, operation } of operations()) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(inPath);
    }
  });

  it('has schemas of clients that match answers, creations and patches', async () => {
    const created = await server.admin.post('/clients', { client_id: 'www', redirect_uris: ['https://client.example/cb'] });
    expect(schema('RegisteredClient')(created.body)).toEqual([]);
    const { client_secret: _, ...client } = created.body;
    expect(schema('Client')(client)).toEqual([]);
    expect(schema('ClientDocument')(client)).toEqual([]);
    expect(schema('ClientPatch')({ refresh_token_lifetime: null, client_name: null, scope: null })).toEqual([]);
    expect(schema('ClientPage')((await server.admin.get('/clients')).body)).toEqual([]);
    expect(schema('ClientSecretPage')((await server.admin.get('/clients/www/secrets')).body)).toEqual([]);
    expect(schema('NewClientSecret')((await server.admin.post('/clients/www/secrets', {})).body)).toEqual([]);
    expect(schema('Problem')((await server.admin.get('/clients/nobody')).body)).toEqual([]);
    expect(schema('Problem')((await server.admin.post('/clients', { x: 1 })).body)).toEqual([]);
  });

  it('has schemas that refuse what the server refuses', async () => {
    const lists = [{ grant_types: ['password'] }, { contacts: ['a', 'a'] }];
    const wrong = [...lists, { x: 1 }, { scope: 'a  b' }, { access_token_lifetime: 0 }, { enabled: 'yes' }, { client_id: 'a b' }];
    for (const fields of wrong) {
      expect(schema('ClientDocument')(fields)).not.toEqual([]);
      expect((await server.admin.post('/clients', { redirect_uris: ['https://client.example/cb'], ...fields })).status).toBe(400);
    }
  });

  it('cannot be generated if a route has no description', () => {
    @AdminResource('forgotten')
    class ForgottenController {
      @Get()
      @RequiresScope('clients:read')
      list(): string {
        return '';
      }
    }
    expect(() => openApiDocument([ForgottenController], server.issuer)).toThrow('Forgotten.list is not described');

    @Controller('admin/v1/elsewhere')
    class ElsewhereController {}
    expect(openApiDocument([ElsewhereController], server.issuer)['paths']).toEqual({});
  });
});

/** The routes in Fastify's printed tree, as `GET /a/{b}`. */
function routesUnder(tree: string, prefix: string): ReadonlySet<string> {
  const routes = new Set<string>();
  const parents: string[] = [];
  for (const line of tree.split('\n')) {
    const [, indent = '', path = '', methods = ''] = /^([│├└─\s]*)(\S+)(?: \(([^)]*)\))?/.exec(line) ?? [];
    if (path === '') continue;
    const depth = indent.length / 4;
    parents.length = depth;
    parents[depth] = path;
    const url = parents.join('').replaceAll(/:(\w+)/g, '{$1}');
    if (!url.startsWith(prefix)) continue;
    for (const method of methods.split(', ').filter((one) => one !== '' && one !== 'HEAD')) routes.add(`${method} ${url}`);
  }
  return routes;
}
