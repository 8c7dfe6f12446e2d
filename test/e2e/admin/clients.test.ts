import type { Answer } from '#test/admin.js';
import { startServer, type TestServer } from '#test/server.js';

const CALLBACK = 'https://client.example/cb';

interface Wrong {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly trace_id: string;
  readonly errors: readonly { readonly pointer: string; readonly rule: string; readonly detail: string }[];
}

interface Representation extends Record<string, unknown> {
  readonly client_id: string;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const create = (document: Record<string, unknown>) =>
  server.admin.post<Representation>('/clients', { redirect_uris: [CALLBACK], ...document });
const put = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  server.admin.call<Representation>('PUT', `/clients/${encodeURIComponent(id)}`, { body, headers });
const patch = (id: string, body: unknown, headers: Record<string, string> = { 'if-match': '*' }) =>
  server.admin.call<Representation>('PATCH', `/clients/${encodeURIComponent(id)}`, { body, headers });
const remove = (id: string, headers: Record<string, string> = {}) =>
  server.admin.call<undefined>('DELETE', `/clients/${encodeURIComponent(id)}`, { headers });
const read = (id: string) => server.admin.get<Representation>(`/clients/${encodeURIComponent(id)}`);
const etag = ({ headers }: Answer<unknown>) => headers.get('etag') ?? '';

async function refused(document: Record<string, unknown>): Promise<readonly string[]> {
  const { status, headers, body } = await server.admin.post<Wrong>('/clients', { redirect_uris: [CALLBACK], ...document });
  expect([status, headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
  return body.errors.map(({ pointer, rule }) => `${pointer} ${rule}`);
}

describe('a client', () => {
  it('R1: gets the chosen ID, and an ID in use gets a 409', async () => {
    const first = await create({ client_id: 'www' });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ client_id: 'www', redirect_uris: [CALLBACK] });
    expect(first.headers.get('location')).toBe(`${server.issuer}/admin/v1/clients/www`);
    expect(await create({ client_id: 'www' })).toMatchObject({ status: 409, body: { type: '/errors/taken' } });
  });

  it('R1: gets a random ID if none was chosen', async () => {
    const [one, other] = [await create({}), await create({})];
    expect(one.body.client_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.body.client_id).not.toBe(one.body.client_id);
  });

  it.each(['', 'a b', 'ü', 'a\tb', 'x'.repeat(257), '.', '..', 7, null])('R1: is refused with the ID %j', async (clientId) => {
    expect(await refused({ client_id: clientId })).toEqual(['/client_id client-id']);
  });

  const awkward = ['a/b', '%2F', 'a?b#c', '"\\', '/'.repeat(256), "urn:x:'(*)~!"];
  it.each(awkward)('R1: is found, changed and removed with the ID %j', async (clientId) => {
    const { headers, status } = await create({ client_id: clientId });
    expect(status).toBe(201);
    const location = headers.get('location') ?? '';
    expect((await server.admin.get(location.replace(`${server.issuer}/admin/v1`, ''))).body).toMatchObject({ client_id: clientId });
    expect((await patch(clientId, { client_name: 'A name' })).body).toMatchObject({ client_id: clientId, client_name: 'A name' });
    expect((await remove(clientId, { 'if-match': '*' })).status).toBe(204);
    expect((await read(clientId)).status).toBe(404);
  });

  it('R1: never changes its ID', async () => {
    await create({ client_id: 'kept' });
    const readOnly = { errors: [{ pointer: '/client_id', rule: 'read-only' }] };
    expect(await patch('kept', { client_id: 'other' })).toMatchObject({ status: 400, body: readOnly });
    expect(await put('kept', { client_id: 'other', redirect_uris: [CALLBACK] }, { 'if-match': '*' })).toMatchObject({ status: 400 });
    expect(await put('new', { client_id: 'other', redirect_uris: [CALLBACK] })).toMatchObject({ status: 400 });
    expect((await read('other')).status).toBe(404);
  });

  it('R2: is public if and only if its authentication method is none, and then has no secret', async () => {
    const confidential = await create({ client_id: 'confidential' });
    const open = await create({ client_id: 'open', token_endpoint_auth_method: 'none' });
    expect(confidential.body['client_secret']).toMatch(/^[\w-]{43}$/);
    expect(open.body).not.toHaveProperty('client_secret');
    expect(await server.admin.get('/clients/open/secrets')).toMatchObject({ body: { items: [] } });
    const script = { token_endpoint_auth_method: 'none', grant_types: ['client_credentials'] };
    expect(await refused(script)).toEqual(['/grant_types public-client']);
    await patch('confidential', { token_endpoint_auth_method: 'none' });
    expect(await server.admin.get('/clients/confidential/secrets')).toMatchObject({ body: { items: [] } });
  });

  it('R4: must have a redirect URI for the code flow, may have many, and each wrong one is reported', async () => {
    expect(await refused({ redirect_uris: [] })).toEqual(['/redirect_uris redirect-uri-required']);
    const many = Array.from({ length: 300 }, (_, index) => `${CALLBACK}/${String(index)}`);
    expect((await create({ redirect_uris: many })).body).toMatchObject({ redirect_uris: many });
    expect((await create({ redirect_uris: [], grant_types: ['client_credentials'] })).status).toBe(201);
    expect(await refused({ redirect_uris: [CALLBACK, '/cb', `${CALLBACK}#x`, CALLBACK] })).toEqual([
      '/redirect_uris/1 format',
      '/redirect_uris/2 format',
      '/redirect_uris/3 unique',
    ]);
  });

  it('R5: may use http on loopback hosts only, and a private-use scheme only with a dot', async () => {
    const fine = ['http://localhost:3000/cb', 'http://127.0.0.1/cb', 'http://[::1]/cb', 'com.example.app:/cb'];
    expect((await create({ redirect_uris: fine })).status).toBe(201);
    expect(await refused({ redirect_uris: ['http://client.example/cb', 'myapp:/cb'] })).toHaveLength(2);
  });

  it('R6: is registered with one of the known authentication methods', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post', 'none']) {
      expect((await create({ token_endpoint_auth_method: method })).body).toMatchObject({ token_endpoint_auth_method: method });
    }
    expect(await refused({ token_endpoint_auth_method: 'tls_client_auth' })).toEqual(['/token_endpoint_auth_method enum']);
  });

  it('R9: has assigned scopes, which include the default scopes', async () => {
    const scopes = { scope: 'openid read', default_scope: 'read' };
    expect((await create(scopes)).body).toMatchObject(scopes);
    expect(await refused({ scope: 'openid', default_scope: 'read' })).toEqual(['/default_scope default-scope']);
    expect(await refused({ scope: 'a  b' })).toEqual(['/scope pattern']);
    expect(await refused({ scope: 'a a' })).toEqual(['/scope format']);
  });

  it('R9: with administration scopes may use client_credentials only', async () => {
    expect(await refused({ scope: 'openid clients:write' })).toEqual(['/grant_types administration-scope']);
    const script = { scope: 'clients:write', grant_types: ['client_credentials'], redirect_uris: [] };
    expect((await create(script)).status).toBe(201);
  });

  it('R11, R12: has lifetimes with defaults, and null disables refresh tokens', async () => {
    const { body } = await create({ client_id: 'lifetimes' });
    expect(body).toMatchObject({ access_token_lifetime: 300, refresh_token_lifetime: 3600 });
    expect(body).toMatchObject({ refresh_token_grace: 10, id_token_lifetime: 3600 });
    expect((await patch('lifetimes', { refresh_token_lifetime: null, access_token_lifetime: 60 })).body).toMatchObject({
      refresh_token_lifetime: null,
      access_token_lifetime: 60,
    });
    expect(await refused({ access_token_lifetime: 0, refresh_token_grace: 61, authorization_code_lifetime: 1.5 })).toEqual([
      '/access_token_lifetime range',
      '/refresh_token_grace range',
      '/authorization_code_lifetime type',
    ]);
  });

  it('is refused with a list of all wrong and unknown fields, and nothing is stored', async () => {
    const document = { client_id: 'bad', client_name: 7, 'a/b~c': 1, enabled: 'yes', created_at: 'x' };
    const { body } = await server.admin.post<Wrong>('/clients', document);
    expect(body).toMatchObject({ type: '/errors/invalid-fields', status: 400, trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(body.errors.map(({ pointer }) => pointer)).toEqual(['/client_name', '/a~1b~0c', '/enabled', '/created_at']);
    expect((await read('bad')).status).toBe(404);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'https:x', '//client.example', 'https://x" onclick="'])(
    'is refused with the link %j',
    async (link) => {
      expect(await refused({ client_uri: link, logo_uri: link, policy_uri: link, tos_uri: link })).toHaveLength(4);
    },
  );

  it('can be sent back as it was read', async () => {
    await create({ client_id: 'round' });
    const before = await read('round');
    const { created_at: _, updated_at: __, ...document } = before.body;
    const sent = await put('round', before.body, { 'if-match': etag(before) });
    expect(sent).toMatchObject({ status: 200, body: before.body });
    expect(etag(sent)).toBe(etag(before));
    expect((await put('round-2', { ...document, client_id: 'round-2' })).status).toBe(201);
  });
});

describe('a change', () => {
  it('PUT creates a client with the ID of the path, and then replaces it', async () => {
    const made = await put('put', { redirect_uris: [CALLBACK], client_name: 'Put' });
    expect(made).toMatchObject({ status: 201, body: { client_id: 'put', client_name: 'Put', client_secret: expect.any(String) } });
    expect(made.headers.get('location')).toBe(`${server.issuer}/admin/v1/clients/put`);
    const replaced = await put('put', { redirect_uris: [`${CALLBACK}2`] }, { 'if-match': etag(made) });
    expect(replaced).toMatchObject({ status: 200, body: { client_name: null, redirect_uris: [`${CALLBACK}2`] } });
    expect(replaced.body).not.toHaveProperty('client_secret');
  });

  it('PUT with If-None-Match: * creates only', async () => {
    const create = () => put('only', { redirect_uris: [CALLBACK] }, { 'if-none-match': '*' });
    expect([(await create()).status, (await create()).status]).toEqual([201, 412]);
  });

  it('PATCH changes the named fields; null resets a field to its default', async () => {
    await create({ client_id: 'patched', client_name: 'Before', access_token_lifetime: 60, scope: 'openid' });
    const { body } = await patch('patched', { access_token_lifetime: null, scope: 'openid email' });
    expect(body).toMatchObject({ client_name: 'Before', access_token_lifetime: 300, scope: 'openid email' });
  });

  it('PATCH with a wrong or unknown field, or against a rule, changes nothing', async () => {
    const made = await create({ client_id: 'unchanged' });
    for (const body of [{ enabled: 1 }, { unknown: null }, { redirect_uris: null }, { default_scope: 'x' }]) {
      expect(await patch('unchanged', body)).toMatchObject({ status: 400, body: { errors: [expect.anything()] } });
    }
    expect(etag(await read('unchanged'))).toBe(etag(made));
  });

  it('requires If-Match: 428 without it, 412 with a stale, weak or unknown tag', async () => {
    const made = await create({ client_id: 'guarded' });
    const changed = await patch('guarded', { client_name: 'New' }, { 'if-match': etag(made) });
    expect(changed.status).toBe(200);
    expect(etag(changed)).not.toBe(etag(made));
    const document = { redirect_uris: [CALLBACK] };
    for (const [headers, status] of [
      [{}, 428],
      [{ 'if-match': etag(made) }, 412],
      [{ 'if-match': `W/${etag(changed)}` }, 412],
      [{ 'if-match': '"x"' }, 412],
    ] as const) {
      expect(await put('guarded', document, headers)).toMatchObject({ status, body: { status } });
      expect(await patch('guarded', {}, headers)).toMatchObject({ status });
      expect(await remove('guarded', headers)).toMatchObject({ status });
    }
    expect((await read('guarded')).body).toMatchObject({ client_name: 'New' });
    expect((await patch('guarded', {}, { 'if-match': `"x", ${etag(changed)}` })).status).toBe(200);
    expect((await remove('guarded', { 'if-match': etag(changed) })).status).toBe(204);
  });

  it('is refused with the tag of a removed client with the same ID', async () => {
    const before = await create({ client_id: 'phoenix' });
    await remove('phoenix', { 'if-match': etag(before) });
    server.clock.advance(1);
    await create({ client_id: 'phoenix' });
    expect((await remove('phoenix', { 'if-match': etag(before) })).status).toBe(412);
  });

  it('succeeds for exactly one of many writers with the same version', async () => {
    const headers = { 'if-match': etag(await create({ client_id: 'contended' })) };
    const names = Array.from({ length: 12 }, (_, index) => `Writer ${String(index)}`);
    const writes = await Promise.all(names.map((name) => patch('contended', { client_name: name }, headers)));
    expect(writes.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(11).fill(412)]);
  });

  it('creates one client if many requests create it at the same time', async () => {
    const created = await Promise.all(Array.from({ length: 8 }, () => create({ client_id: 'once' })));
    expect(created.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
  });

  it('of an unknown client gets a 404', async () => {
    const missing = { status: 404, body: { type: '/errors/not-found' } };
    expect(await read('nobody')).toMatchObject(missing);
    expect(await patch('nobody', {})).toMatchObject(missing);
    expect(await remove('nobody', { 'if-match': '*' })).toMatchObject(missing);
    expect(await put('nobody', { redirect_uris: [CALLBACK] }, { 'if-match': '*' })).toMatchObject({ status: 412 });
  });
});
