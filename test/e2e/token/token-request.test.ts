import { basic, postForm, redeem, TOKEN } from '#test/flow.js';
import { aClient, type TestClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

describe('a request to the token endpoint', () => {
  let server: TestServer;
  let client: TestClient;
  let url: string;
  let authorization: string;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server);
    url = server.url + TOKEN;
    authorization = basic(client);
  });
  afterAll(() => server.close());

  async function send(init: RequestInit, target = url) {
    const response = await fetch(target, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text) as Record<string, unknown> };
  }

  describe.each(['GET', 'PUT', 'PATCH', 'DELETE'])('T1: by %s', (method) => {
    it('gets a 405 with Allow: POST', async () => {
      const { status, headers } = await send({ method, headers: { authorization } });
      expect([status, headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  describe('T2: with another content type than application/x-www-form-urlencoded', () => {
    const parameters = { grant_type: 'authorization_code', code: 'a' };

    it.each([
      ['application/json', JSON.stringify(parameters)],
      ['application/json', '{'],
      ['text/plain', 'grant_type=authorization_code&code=a'],
      ['multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nx\r\n--b--\r\n'],
      ['application/xml', '<grant_type/>'],
      ['nonsense', 'grant_type=authorization_code'],
    ])('%s is an invalid_request', async (type, body) => {
      const answer = await send({ method: 'POST', headers: { authorization, 'content-type': type }, body });
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    });

    it('a charset parameter is allowed', async () => {
      const type = 'application/x-www-form-urlencoded; charset=UTF-8';
      const body = 'grant_type=authorization_code&code=a';
      const answer = await send({ method: 'POST', headers: { authorization, 'content-type': type }, body });
      expect(answer.body['error']).toBe('invalid_grant');
    });
  });

  it.each([
    ['is missing', {}, 'invalid_request'],
    ['is empty', { grant_type: '' }, 'invalid_request'],
    ['is unknown', { grant_type: 'password', username: 'a', password: 'b' }, 'unsupported_grant_type'],
    ['is the name of a property of every object', { grant_type: 'constructor' }, 'unsupported_grant_type'],
    ['has another case', { grant_type: 'Authorization_Code', code: 'a' }, 'unsupported_grant_type'],
  ])('T3: is refused if grant_type %s', async (_, parameters, error) => {
    const { status, body } = await postForm(url, parameters, { authorization });
    expect([status, body['error']]).toEqual([400, error]);
  });

  it.each(['code', 'refresh_token'])('without %s is an invalid_request', async (name) => {
    const grantType = name === 'code' ? 'authorization_code' : name;
    const { status, body } = await postForm(url, { grant_type: grantType }, { authorization });
    expect([status, body['error']]).toEqual([400, 'invalid_request']);
  });

  describe('R3: with a grant type that the client does not have', () => {
    it.each([
      [['authorization_code'], { grant_type: 'refresh_token', refresh_token: 'a' }],
      [['authorization_code'], { grant_type: 'client_credentials' }],
      [['refresh_token', 'client_credentials'], { grant_type: 'authorization_code', code: 'a' }],
    ])('is an unauthorized_client: a client with %j', async (grantTypes, parameters) => {
      const other = await aClient(server, { grant_types: grantTypes });
      const { status, body } = await postForm(url, parameters, { authorization: basic(other) });
      expect([status, body['error']]).toEqual([400, 'unauthorized_client']);
    });
  });

  describe('T22: with a repeated parameter', () => {
    it.each([
      'grant_type=authorization_code&grant_type=authorization_code&code=a',
      'grant_type=authorization_code&code=a&code=b',
      'grant_type=authorization_code&code=a&code=',
      'grant_type=authorization_code&code=a&unknown=1&unknown=1',
    ])('is an invalid_request: %s', async (body) => {
      const type = 'application/x-www-form-urlencoded';
      const answer = await send({ method: 'POST', headers: { authorization, 'content-type': type }, body });
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    });
  });

  it('T22: unknown parameters are ignored', async () => {
    const { body } = await redeem(server, client, 'a', { unknown: '1', __proto__: 'x', constructor: 'y', resource_owner: 'z' });
    expect(body['error']).toBe('invalid_grant');
  });

  describe('T9: with credentials, codes or tokens in the query string', () => {
    const secret = ['client_id=a', 'client_secret=a', 'client_secret=', 'code=a', 'refresh_token=a', 'code_verifier=a'];
    it.each(secret)('is an invalid_request: ?%s', async (query) => {
      const { status, body } = await postForm(`${url}?${query}`, { grant_type: 'authorization_code', code: 'a' }, { authorization });
      expect([status, body['error']]).toEqual([400, 'invalid_request']);
    });

    it('is an invalid_request even if the credentials are right and the body has none', async () => {
      const query = new URLSearchParams({ client_id: client.client_id, client_secret: client.client_secret }).toString();
      const { status, body } = await postForm(`${url}?${query}`, { grant_type: 'authorization_code', code: 'a' });
      expect([status, body['error']]).toEqual([400, 'invalid_request']);
    });

    it('does not use other parameters of the query string', async () => {
      const { body } = await postForm(`${url}?grant_type=authorization_code`, { code: 'a' }, { authorization });
      expect(body['error']).toBe('invalid_request');
    });
  });

  describe('T14, errors: every refusal', () => {
    const form = 'application/x-www-form-urlencoded';
    const post = (body: string | Buffer, headers: Record<string, string> = {}) => ({
      method: 'POST',
      headers: { authorization, 'content-type': form, ...headers },
      body,
    });
    const refusals: [string, () => RequestInit][] = [
      ['a wrong method', () => ({ method: 'PUT', headers: { authorization } })],
      ['JSON', () => post('{}', { 'content-type': 'application/json' })],
      ['no body', () => ({ method: 'POST', headers: { authorization } })],
      ['an unknown code', () => post('grant_type=authorization_code&code=a')],
      ['an unknown client', () => post('grant_type=authorization_code', { authorization: 'Basic YTpi' })],
      ['no client', () => ({ method: 'POST', headers: { 'content-type': form }, body: 'grant_type=authorization_code' })],
      ['an unknown grant type', () => post('grant_type=%F0%9F%94%91')],
      ['a broken escape', () => post('grant_type=%zz')],
      ['NUL', () => post('grant_type=authorization_code&code=%00')],
      ['invalid UTF-8', () => post(Buffer.from([0x67, 0xff, 0x3d, 0x61]))],
      ['a body that is too large', () => post(`grant_type=authorization_code&code=${'a'.repeat(70_000)}`)],
      ['too many parameters', () => post(Array.from({ length: 200 }, (_, index) => `p${String(index)}=1`).join('&'))],
      ['a lone surrogate', () => post('grant_type=authorization_code&code=%ED%A0%80')],
      ['a quote and a script', () => post('grant_type=%22%3Cscript%3E')],
      ['a malformed scope', () => post('grant_type=refresh_token&refresh_token=a&scope=%22')],
    ];

    it.each(refusals)('of %s is JSON in ASCII with Cache-Control: no-store and a trace ID', async (_, request) => {
      const { status, headers, body } = await send(request());
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body['error']).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(body['error_description']).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
      expect(body['trace_id']).toMatch(/^[0-9a-f]{32}$/);
    });

    it('does not contain codes or secrets of the request', async () => {
      const sent = { code: 'the-code-itself', code_verifier: 'the-verifier', client_secret: 'the-secret' };
      const { body } = await postForm(url, { grant_type: 'authorization_code', ...sent }, { authorization });
      expect(JSON.stringify(body)).not.toMatch(/the-code-itself|the-verifier|the-secret/);
    });
  });
});
