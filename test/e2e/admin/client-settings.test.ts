import { authorize, authorizePath, obtainCode, postForm, redeem, refresh, TOKEN } from '#test/flow.js';
import { Browser } from '#test/browser.js';
import { aClient, aPublicClient, aUser, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startServer();
  user = await aUser(server);
});
afterAll(() => server.close());

const claimsOf = (jwt: unknown) =>
  JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

async function tokens(metadata: Readonly<Record<string, unknown>> = {}) {
  const client = await aClient(server, metadata);
  const answer = await redeem(server, client, await obtainCode({ server, client, user }));
  expect(answer.status).toBe(200);
  return { client, body: answer.body };
}

describe('the settings of a client', () => {
  it('R2: a public client needs no secret, and a confidential one must send its secret', async () => {
    const open = await aPublicClient(server);
    const confidential = await aClient(server);
    const request = { grant_type: 'authorization_code', code: 'unknown', redirect_uri: open.redirect_uri };
    expect((await postForm(server.url + TOKEN, { ...request, client_id: open.client_id })).body).toMatchObject({ error: 'invalid_grant' });
    expect(await postForm(server.url + TOKEN, { ...request, client_id: confidential.client_id })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
    const withSecret = { ...request, client_id: open.client_id, client_secret: 'any' };
    expect((await postForm(server.url + TOKEN, withSecret)).body).toMatchObject({ error: 'invalid_client' });
  });

  it('R3: a grant type that the client does not have is an unauthorized_client, at both endpoints', async () => {
    const script = await aClient(server, { grant_types: ['client_credentials'], redirect_uris: ['https://client.example/callback'] });
    const web = await aClient(server);
    expect((await authorize({ server, client: script, user })).redirected.get('error')).toBe('unauthorized_client');
    const credentials = { client_id: web.client_id, client_secret: web.client_secret };
    const form = { grant_type: 'client_credentials', ...credentials };
    const method = { token_endpoint_auth_method: 'client_secret_post' };
    await server.admin.call('PATCH', `/clients/${web.client_id}`, { body: method, headers: { 'if-match': '*' } });
    expect(await postForm(server.url + TOKEN, form)).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
  });

  it('R8: the authenticator of the client appears as acr', async () => {
    const { body } = await tokens({ authenticators: ['username-password'] });
    expect(claimsOf(body['id_token'])['acr']).toBe('urn:gatehouse:authentication:html-form:username-password');
  });

  it('R8: an unknown authenticator is refused', async () => {
    const unknown = { redirect_uris: ['https://client.example/callback'], authenticators: ['username-password', 'crystal-ball'] };
    expect(await server.admin.post('/clients', unknown)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/authenticators/1', rule: 'authenticator' }] },
    });
    const { client_id: id } = await aClient(server);
    const change = { body: { authenticators: ['crystal-ball'] }, headers: { 'if-match': '*' } };
    expect((await server.admin.call('PATCH', `/clients/${id}`, change)).status).toBe(400);
  });

  it('R9: a scope that the client does not have is an invalid_scope', async () => {
    const client = await aClient(server, { scope: 'openid' });
    const answer = await authorize({ server, client, user, parameters: { scope: 'openid email' } });
    expect(answer.redirected.get('error')).toBe('invalid_scope');
  });

  it('R11: a client without refresh_token_lifetime gets no refresh tokens; otherwise they expire after it', async () => {
    expect((await tokens({ refresh_token_lifetime: null })).body).not.toHaveProperty('refresh_token');
    const { client, body } = await tokens({ refresh_token_lifetime: 600 });
    server.clock.advance(601);
    const answer = await refresh(server, client, String(body['refresh_token']));
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('R12: access tokens expire after access_token_lifetime, 300 s unless set', async () => {
    for (const [metadata, lifetime] of [[{}, 300], [{ access_token_lifetime: 1200 }, 1200]] as const) {
      // Computed when the answer is sent, which a busy machine does late.
      const expiresIn = Number((await tokens(metadata)).body['expires_in']);
      expect(expiresIn).toBeLessThanOrEqual(lifetime);
      expect(expiresIn).toBeGreaterThan(lifetime - 5);
    }
  });

  it('R4, R5: an unregistered redirect URI leads to an error page, and a loopback one may have any port', async () => {
    const client = await aClient(server, { redirect_uris: ['http://127.0.0.1/callback'] });
    const browser = new Browser(server.url);
    const elsewhere = await browser.get(authorizePath(client, { redirect_uri: 'https://evil.example/callback' }));
    expect([elsewhere.status, elsewhere.location]).toEqual([400, undefined]);
    const { location } = await authorize({ server, client, user, parameters: { redirect_uri: 'http://127.0.0.1:49152/callback' } });
    expect(location).toMatch(/^http:\/\/127\.0\.0\.1:49152\/callback\?/);
  });
});
