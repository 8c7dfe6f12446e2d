import { request } from 'node:http';
import { startServer, type TestServer } from '#test/server.js';

const WITHIN = { 'content-type': 'application/json' };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

async function call(path: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  const response = await fetch(`${server.url}/admin/v1${path}`, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

async function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = WITHIN) {
  return call('/clients', { method: 'POST', body, headers: { authorization: `Bearer ${await server.admin.token()}`, ...headers } });
}

describe('a caller of the administration API', () => {
  it('without a token gets a challenge without an error code (RFC 6750 §3.1)', async () => {
    for (const headers of [{}, { authorization: 'Basic YWRtaW46eA==' }]) {
      const answer = await call('/clients', { headers });
      expect(answer).toMatchObject({ status: 401, body: { type: '/errors/token-required', status: 401 } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"');
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  const strange = ['Bearer x', 'Bearer', 'Bearer ', 'Bearer a b', `Bearer ${'A'.repeat(50)}`, 'bearer ü'];
  it.each(strange)('with the token %j is refused', async (authorization) => {
    const answer = await call('/clients', { headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: { type: '/errors/invalid-token' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  });

  it('with an insufficient scope gets the name of the required scope', async () => {
    const authorization = `Bearer ${await server.admin.newToken('clients:read users:write')}`;
    expect((await call('/clients', { headers: { authorization } })).status).toBe(200);
    const answer = await call('/clients', { method: 'POST', headers: { authorization, ...WITHIN }, body: '{}' });
    expect(answer).toMatchObject({ status: 403, body: { type: '/errors/insufficient-scope' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_scope", scope="clients:write"/);
  });

  it('with an expired token, or one whose client was disabled, is refused', async () => {
    const scope = 'clients:read';
    const method = { token_endpoint_auth_method: 'client_secret_post' };
    const document = { client_id: 'second', grant_types: ['client_credentials'], scope, ...method };
    const { body } = await server.admin.post('/clients', document);
    const credentials = { client_id: 'second', client_secret: String(body['client_secret']) };
    const form = { grant_type: 'client_credentials', scope, ...credentials };
    const token = async () => {
      const response = await fetch(`${server.url}/oauth/v2/oauth-token`, { method: 'POST', body: new URLSearchParams(form) });
      return { authorization: `Bearer ${String(((await response.json()) as Record<string, unknown>)['access_token'])}` };
    };
    const first = await token();
    expect((await call('/clients', { headers: first })).status).toBe(200);
    server.clock.advance(301);
    expect((await call('/clients', { headers: first })).status).toBe(401);
    const second = await token();
    await server.admin.call('PATCH', '/clients/second', {
      body: { enabled: false },
      headers: { 'if-match': '*', authorization: `Bearer ${await server.admin.newToken('clients:write')}` },
    });
    expect((await call('/clients', { headers: second })).status).toBe(401);
  });
});

describe('a request to the administration API', () => {
  beforeEach(() => {
    const { admin } = server;
    jest.spyOn(admin, 'token').mockImplementation(() => admin.newToken('clients:read clients:write'));
  });

  const form = 'application/x-www-form-urlencoded';
  it.each(['text/plain', form, 'application/merge-patch+json', 'application/xml', 'application/jsonx'])(
    'with a body of type %s is refused with 415',
    async (type) => {
      const refusal = { status: 415, body: { status: 415, trace_id: expect.any(String) } };
      expect(await post('{}', { 'content-type': type })).toMatchObject(refusal);
    },
  );

  it('accepts JSON with a charset', async () => {
    const body = JSON.stringify({ grant_types: ['client_credentials'], client_name: 'Ü' });
    expect((await post(body, { 'content-type': 'Application/JSON; charset=utf-8' })).body).toMatchObject({ client_name: 'Ü' });
  });

  it.each<[string | Uint8Array<ArrayBuffer>, string]>([
    ['', 'nothing'],
    ['{', 'no whole JSON'],
    ['[]', 'an array'],
    ['null', 'null'],
    ['"x"', 'a string'],
    ['{"client_id":"a","client_id":"b"}', 'a field twice'],
    ['{"client_name":"a","client_n\\u0061me":"b"}', 'a field twice in two spellings'],
    ['{"__proto__":{"enabled":false}}', '__proto__'],
    ['{"client_name":"a\\u0000b"}', 'a NUL'],
    ['{"client_name":"\\ud800"}', 'half a surrogate pair'],
    ['{"constructor":{}}', 'a field named constructor'],
    ['{"client_name":"a\\nb"}', 'a line break in a name'],
    ['['.repeat(30_000), 'deep nesting that does not end'],
    [`{"client_name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 'deep nesting'],
    [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'bytes that are not UTF-8'],
  ])('with the body %.20j gets a 400: %s', async (body) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, detail: expect.any(String), trace_id: expect.any(String) } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  it('with more than 64 KiB gets a 413', async () => {
    expect(await post(JSON.stringify({ client_name: 'x'.repeat(65_536) }))).toMatchObject({ status: 413, body: { status: 413 } });
  });

  it('to an unknown path gets a 404, and with a wrong method a 405 with Allow', async () => {
    expect(await call('/nothing')).toMatchObject({ status: 404, body: { status: 404 } });
    const answer = await call('/clients', { method: 'DELETE' });
    expect(answer).toMatchObject({ status: 405, body: { status: 405 } });
    expect(answer.headers.get('allow')).toMatch(/\bGET\b.*\bPOST\b/);
  });

  it('with an unexpected body is refused', async () => {
    const headers = { authorization: `Bearer ${await server.admin.token()}`, 'if-match': '*', ...WITHIN };
    expect(await call('/clients/admin', { method: 'DELETE', headers, body: '{"force":true}' })).toMatchObject({ status: 400 });
    expect((await server.admin.get('/clients/admin')).status).toBe(200);
  });

  it('gets an answer with Cache-Control: no-store', async () => {
    const { headers } = await server.admin.get('/clients/admin');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it.each(['..', '.', '%2e%2e', '%00', '%ff', '%', 'x'.repeat(3000)])('for the client %.10j is refused', async (segment) => {
    const authorization = `Bearer ${await server.admin.token()}`;
    const status = await new Promise<number>((resolve, reject) => {
      const options = { path: `/admin/v1/clients/${segment}`, headers: { authorization } };
      request(server.url, options, (response) => resolve(response.resume().statusCode ?? 0)).on('error', reject).end();
    });
    expect([400, 404, 414]).toContain(status);
  });
});
