import { decodeJwt } from 'jose';
import { Browser } from '#test/browser.js';
import { type Parameters, postForm, refresh, TOKEN, type TokenAnswer } from '#test/flow.js';
import { aClient, aPublicClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, countEvents, obtainTokens, PKCE, type Tokens, tokensOf, userinfo } from '#test/tokens.js';

const REFUSED = '400 invalid_grant';

describe('a refresh token', () => {
  let server: TestServer;
  let second: TestServer;
  let user: TestUser;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    second = await startServer({ besides: server });
    user = await aUser(server);
    browser = new Browser(server.url);
  });
  afterAll(async () => {
    await second.close();
    await server.close();
  });

  const tokensFor = (client: TestClient, parameters: Parameters = {}) => obtainTokens({ server, client, user, browser, parameters });

  async function refreshed(client: TestClient, token: string, parameters: Parameters = {}): Promise<Tokens> {
    return tokensOf(await refresh(server, client, token, parameters));
  }

  async function outcome(client: TestClient, token: string, parameters: Parameters = {}): Promise<string> {
    const { status, body } = await refresh(server, client, token, parameters);
    return status === 200 ? 'tokens' : `${String(status)} ${String(body['error'])}`;
  }

  const isValid = async (token: string) => (await userinfo(server, token)).status === 200;

  describe('F1: a refresh', () => {
    it('gives a new access token and a new refresh token', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client);
      const answer = await refresh(server, client, first.refresh_token);
      const next = tokensOf(answer);
      expect(answer.body).toMatchObject({ token_type: 'bearer', scope: 'openid' });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(next.expires_in).toBeGreaterThan(290);
      expect(new Set([first.access_token, first.refresh_token, next.access_token, next.refresh_token]).size).toBe(4);
      expect(await isValid(next.access_token)).toBe(true);
    });

    it('gives a new ID token of the same login if openid was granted (OIDC Core §12.2)', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client, { nonce: 'n' });
      server.clock.advance(30);
      const [before, after] = [first, await refreshed(client, first.refresh_token)].map(({ id_token: token }) => decodeJwt(token));
      for (const claim of ['iss', 'sub', 'aud', 'azp', 'auth_time', 'acr', 'amr', 'sid']) expect(after![claim]).toEqual(before![claim]);
      expect(after!.iat).toBeGreaterThanOrEqual(before!.iat! + 30);
      expect(after!.jti).not.toBe(before!.jti);
      expect(after).not.toHaveProperty('nonce');
      const plain = await tokensFor(client, { scope: 'email' });
      expect(await refreshed(client, plain.refresh_token)).toHaveProperty('id_token', '');
    });
  });

  describe('F2: scope', () => {
    it('may ask for less, for this answer only', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client, { scope: 'openid email profile' });
      const narrow = await refreshed(client, first.refresh_token, { scope: 'email' });
      expect(narrow).toMatchObject({ scope: 'email', id_token: '' });
      expect((await userinfo(server, narrow.access_token)).status).toBe(403);
      expect(await refreshed(client, narrow.refresh_token)).toMatchObject({ scope: 'openid email profile', id_token: expect.stringMatching(/./) });
    });

    const wider = ['openid email', 'email', 'clients:read', 'openid phone'];
    it.each(wider)('that asks for more is an invalid_scope, and the token stays valid: %s', async (scope) => {
      const client = await aClient(server);
      const { refresh_token: token } = await tokensFor(client, { scope: 'openid' });
      expect(await outcome(client, token, { scope })).toBe('400 invalid_scope');
      expect(await outcome(client, token)).toBe('tokens');
    });

    it.each(['openid  email', ' openid', '"'])('that is malformed is an invalid_scope, and the token stays valid: %j', async (scope) => {
      const client = await aClient(server);
      const { refresh_token: token } = await tokensFor(client, { scope: 'openid email' });
      expect(await outcome(client, token, { scope })).toBe('400 invalid_scope');
      expect(await outcome(client, token)).toBe('tokens');
    });

    it('stays empty for a grant without scope', async () => {
      const client = await aClient(server);
      const { refresh_token: token } = await tokensFor(client, { scope: undefined });
      const next = await refreshed(client, token);
      expect(next.scope).toBe('');
      expect(await outcome(client, next.refresh_token, { scope: 'openid' })).toBe('400 invalid_scope');
    });
  });

  describe('F3: a refresh token works for its own client only', () => {
    it('another client can neither use nor revoke it', async () => {
      const [client, other] = [await aClient(server), await aClient(server)];
      const first = await tokensFor(client);
      expect(await outcome(other, first.refresh_token)).toBe(REFUSED);
      const next = await refreshed(client, first.refresh_token);
      server.clock.advance(30);
      expect(await outcome(other, first.refresh_token)).toBe(REFUSED);
      expect(await outcome(client, next.refresh_token)).toBe('tokens');
    });

    it('a confidential client must authenticate, and a public one sends its client_id', async () => {
      const [client, open] = [await aClient(server), await aPublicClient(server)];
      const { refresh_token: token } = await tokensFor(client);
      const sent = { grant_type: 'refresh_token', refresh_token: token };
      expect((await postForm(server.url + TOKEN, { ...sent, client_id: client.client_id })).body['error']).toBe('invalid_client');
      expect((await postForm(server.url + TOKEN, sent)).body['error']).toBe('invalid_client');
      expect(await outcome(open, token)).toBe(REFUSED);
      const own = await tokensFor(open, PKCE);
      expect(await outcome(open, own.refresh_token)).toBe('tokens');
    });
  });

  describe('F4: a reuse after the grace period', () => {
    it('is an invalid_grant, and the whole grant is revoked', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client);
      const next = await refreshed(client, first.refresh_token);
      server.clock.advance(11);
      expect(await outcome(client, first.refresh_token)).toBe(REFUSED);
      expect(await isValid(next.access_token)).toBe(false);
      expect(await isValid(first.access_token)).toBe(false);
      expect(await outcome(client, next.refresh_token)).toBe(REFUSED);
    });

    it('records each event once', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client);
      await refreshed(client, first.refresh_token);
      server.clock.advance(11);
      for (let use = 0; use < 3; use++) await outcome(client, first.refresh_token);
      const types = ['token.tokens-issued', 'token.tokens-refreshed', 'token.refresh-token-reused', 'authorization.grant-revoked'];
      expect(await Promise.all(types.map((type) => countEvents(server, type, client.client_id)))).toEqual([1, 1, 1, 1]);
    });

    it('does not revoke another grant of the same user to the client', async () => {
      const client = await aClient(server);
      const [stolen, other] = [await tokensFor(client), await tokensFor(client)];
      await refreshed(client, stolen.refresh_token);
      server.clock.advance(11);
      expect(await outcome(client, stolen.refresh_token)).toBe(REFUSED);
      expect(await isValid(other.access_token)).toBe(true);
      expect(await outcome(client, other.refresh_token)).toBe('tokens');
    });

    it('revokes the grant even after the token has expired', async () => {
      const client = await aClient(server, { refresh_token_lifetime: 3600 });
      const first = await tokensFor(client);
      server.clock.advance(3000);
      const next = await refreshed(client, first.refresh_token);
      server.clock.advance(1000);
      expect(await outcome(client, first.refresh_token)).toBe(REFUSED);
      expect(await outcome(client, next.refresh_token)).toBe(REFUSED);
    });
  });

  describe('F5: a repeated request within refresh_token_grace', () => {
    it('gets the same valid successor, and a new access token', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client, { scope: 'openid email' });
      const once = await refreshed(client, first.refresh_token, { scope: 'openid' });
      server.clock.advance(5);
      const again = await refreshed(client, first.refresh_token, { scope: 'openid' });
      expect(again.refresh_token).toBe(once.refresh_token);
      expect(again.access_token).not.toBe(once.access_token);
      expect(again.scope).toBe('openid');
      expect(await isValid(again.access_token)).toBe(true);
      expect(await outcome(client, again.refresh_token)).toBe('tokens');
    });

    it('gets the same successor after the successor was used, too', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client);
      const once = await refreshed(client, first.refresh_token);
      const next = await refreshed(client, once.refresh_token);
      expect((await refreshed(client, first.refresh_token)).refresh_token).toBe(once.refresh_token);
      expect((await refreshed(client, once.refresh_token)).refresh_token).toBe(next.refresh_token);
    });

    it('of another client is refused and revokes nothing', async () => {
      const [client, other] = [await aClient(server), await aClient(server)];
      const first = await tokensFor(client);
      const next = await refreshed(client, first.refresh_token);
      expect(await outcome(other, first.refresh_token)).toBe(REFUSED);
      expect(await isValid(next.access_token)).toBe(true);
    });

    it('with another scope revokes the grant', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client, { scope: 'openid email' });
      const next = await refreshed(client, first.refresh_token);
      expect(await outcome(client, first.refresh_token, { scope: 'email' })).toBe(REFUSED);
      expect(await isValid(next.access_token)).toBe(false);
      expect(await outcome(client, next.refresh_token)).toBe(REFUSED);
    });

    it.each([[30, 29, 'tokens'], [30, 31, REFUSED], [0, 0, REFUSED]])('of %p s, after %p s: %s', async (grace, seconds, expected) => {
      const client = await aClient(server, { refresh_token_grace: grace });
      const first = await tokensFor(client);
      await refreshed(client, first.refresh_token);
      server.clock.advance(seconds);
      expect(await outcome(client, first.refresh_token)).toBe(expected);
    });
  });

  describe('F6: a refresh token expires', () => {
    it('after refresh_token_lifetime without use', async () => {
      const client = await aClient(server, { refresh_token_lifetime: 600, refresh_token_absolute_lifetime: null });
      let { refresh_token: token } = await tokensFor(client);
      for (let use = 0; use < 4; use++) {
        server.clock.advance(590);
        token = (await refreshed(client, token)).refresh_token;
      }
      server.clock.advance(600);
      expect(await outcome(client, token)).toBe(REFUSED);
    });

    it('after refresh_token_absolute_lifetime, even if it is used', async () => {
      const client = await aClient(server, { refresh_token_lifetime: 600, refresh_token_absolute_lifetime: 1000 });
      let { refresh_token: token } = await tokensFor(client);
      server.clock.advance(500);
      token = (await refreshed(client, token)).refresh_token;
      server.clock.advance(450);
      const last = await refreshed(client, token);
      expect(last.expires_in).toBeLessThanOrEqual(50);
      server.clock.advance(50);
      expect(await outcome(client, last.refresh_token)).toBe(REFUSED);
      expect(await isValid(last.access_token)).toBe(false);
    });

    it('after refresh_token_absolute_lifetime, even if that is shorter than access_token_lifetime', async () => {
      const client = await aClient(server, { access_token_lifetime: 300, refresh_token_absolute_lifetime: 60 });
      const { refresh_token: token } = await tokensFor(client);
      server.clock.advance(61);
      expect(await outcome(client, token)).toBe(REFUSED);
    });
  });

  describe('F7: used 30 times concurrently at two servers', () => {
    const race = (client: TestClient, token: string, parameters: Parameters = {}): Promise<TokenAnswer[]> =>
      Promise.all(Array.from({ length: 30 }, (_, index) => refresh(index % 2 === 0 ? server : second, client, token, parameters)));

    it('it has one successor, the same in every answer', async () => {
      const client = await aClient(server);
      const first = await tokensFor(client, { claims: JSON.stringify({ id_token: { email: null } }) });
      const answers = (await race(client, first.refresh_token)).map(tokensOf);
      expect(new Set(answers.map(({ refresh_token: token }) => token)).size).toBe(1);
      expect(new Set(answers.map(({ access_token: token }) => token)).size).toBe(30);
      expect(await countEvents(server, 'token.tokens-refreshed', client.client_id)).toBe(30);
      expect(await countEvents(server, 'token.refresh-token-reused', client.client_id)).toBe(0);
      expect(await outcome(client, answers[0]!.refresh_token)).toBe('tokens');
    });

    it('it is refreshed once without a grace period, and then the grant is revoked', async () => {
      const client = await aClient(server, { refresh_token_grace: 0 });
      const first = await tokensFor(client);
      const answers = await race(client, first.refresh_token);
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      const won = tokensOf(winners[0]!);
      expect(await isValid(won.access_token)).toBe(false);
      expect(await outcome(client, won.refresh_token)).toBe(REFUSED);
      expect(await countEvents(server, 'token.refresh-token-reused', client.client_id)).toBe(1);
      expect(await countEvents(server, 'authorization.grant-revoked', client.client_id)).toBe(1);
    });

    it('it gives no valid token if a reuse revokes the grant at the same time', async () => {
      const client = await aClient(server, { refresh_token_grace: 1 });
      const first = await tokensFor(client);
      const next = await refreshed(client, first.refresh_token);
      server.clock.advance(2);
      const refreshes = race(client, next.refresh_token);
      expect(await outcome(client, first.refresh_token)).toBe(REFUSED);
      for (const { status, body } of await refreshes) {
        if (status === 200) expect(await isValid(String(body['access_token']))).toBe(false);
        else expect(body['error']).toBe('invalid_grant');
        if (status === 200) expect(await outcome(client, String(body['refresh_token']))).toBe(REFUSED);
      }
    });
  });

  it('of a disabled client is refused, and valid again when the client is enabled', async () => {
    const client = await aClient(server);
    const tokens = await tokensFor(client);
    await change(server, `/clients/${client.client_id}`, { enabled: false });
    expect(await outcome(client, tokens.refresh_token)).toBe('401 invalid_client');
    expect(await isValid(tokens.access_token)).toBe(false);
    await change(server, `/clients/${client.client_id}`, { enabled: true });
    expect(await isValid(tokens.access_token)).toBe(true);
    expect(await outcome(client, tokens.refresh_token)).toBe('tokens');
  });
});
