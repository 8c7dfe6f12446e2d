import { basic, postForm, requestTokens, TOKEN } from '#test/flow.js';
import { aClient, aPublicClient, type TestClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { countEvents } from '#test/tokens.js';

describe('client_credentials', () => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server, {
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      scope: 'openid email offline_access read write',
      default_scope: 'openid read',
    });
  });
  afterAll(() => server.close());

  const ask = (scope?: string, of = client) => requestTokens(server, of, { grant_type: 'client_credentials', scope });

  const granted = [['read', 'read'], ['write read', 'write read'], [undefined, 'read']] as const;
  it.each(granted)('R9: scope %p gives a token for %p, without refresh token and ID token', async (requested, scope) => {
    const { status, headers, body } = await ask(requested);
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^[A-Za-z0-9_-]{43,}$/),
      token_type: 'bearer',
      expires_in: expect.any(Number),
      scope,
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('T18: scope is empty if nothing was granted', async () => {
    const plain = await aClient(server, { grant_types: ['client_credentials'], response_types: [], scope: '' });
    expect((await ask(undefined, plain)).body['scope']).toBe('');
  });

  const foreign = ['delete', 'read delete', 'clients:read', 'READ', 'read  write', '"'];
  it.each(foreign)('R9: scope %j, which the client does not have, is an invalid_scope', async (scope) => {
    const { status, body } = await ask(scope);
    expect([status, body['error']]).toEqual([400, 'invalid_scope']);
  });

  it.each(['openid', 'read email', 'offline_access'])('R9: scope %j, which is about a user, is an invalid_scope', async (scope) => {
    expect((await ask(scope)).body['error']).toBe('invalid_scope');
  });

  it('R12: the token has the access_token_lifetime of the client', async () => {
    const robot = { grant_types: ['client_credentials'], response_types: [], scope: 'read' };
    const timed = await aClient(server, { ...robot, access_token_lifetime: 60 });
    const expiresIn = Number((await ask('read', timed)).body['expires_in']);
    expect(expiresIn).toBeLessThanOrEqual(60);
    expect(expiresIn).toBeGreaterThan(55);
  });

  it('R2: a public client is refused', async () => {
    const open = await aPublicClient(server);
    expect((await ask('openid', open)).body['error']).toBe('unauthorized_client');
    const { status } = await server.admin.post('/clients', { token_endpoint_auth_method: 'none', grant_types: ['client_credentials'] });
    expect(status).toBe(400);
  });

  it('R3: a client without this grant type is an unauthorized_client', async () => {
    expect((await ask('openid', await aClient(server))).body['error']).toBe('unauthorized_client');
  });

  it('a client that does not authenticate is refused', async () => {
    const sent = { grant_type: 'client_credentials', scope: 'read' };
    const wrong = basic({ ...client, client_secret: 'wrong' });
    expect((await postForm(server.url + TOKEN, { ...sent, client_id: client.client_id })).body['error']).toBe('invalid_client');
    expect((await postForm(server.url + TOKEN, sent, { authorization: wrong })).body['error']).toBe('invalid_client');
  });

  it('T21: TokensIssued is recorded once', async () => {
    const quiet = await aClient(server, { grant_types: ['client_credentials'], response_types: [], scope: 'read' });
    await ask('read', quiet);
    await ask('delete', quiet);
    expect(await countEvents(server, 'token.tokens-issued', quiet.client_id)).toBe(1);
  });
});
