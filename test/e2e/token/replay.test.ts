import { Browser } from '#test/browser.js';
import { obtainCode, type Parameters, redeem, refresh, type TokenAnswer } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { countEvents, tokensOf, userinfo } from '#test/tokens.js';

const EVENTS = [
  'authorization.code-issued',
  'authorization.code-redeemed',
  'authorization.code-replayed',
  'authorization.grant-revoked',
  'token.tokens-issued',
  'token.tokens-refreshed',
  'token.refresh-token-reused',
];

describe('a replayed code', () => {
  let server: TestServer;
  let second: TestServer;
  let user: TestUser;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    second = await startServer({ besides: server });
    user = await aUser(server, { email: 'user@example.com' });
    browser = new Browser(server.url);
  });
  afterAll(async () => {
    await second.close();
    await server.close();
  });

  async function eventsOf(client: TestClient): Promise<Record<string, number>> {
    const counts = await Promise.all(
      EVENTS.map(async (type) => [type.slice(type.indexOf('.') + 1), await countEvents(server, type, client.client_id)] as const),
    );
    return Object.fromEntries(counts.filter(([, count]) => count !== 0));
  }

  const codeFor = (client: TestClient, parameters: Parameters = {}) => obtainCode({ server, client, user, browser, parameters });

  function race(client: TestClient, code: string, times: number): Promise<TokenAnswer[]> {
    return Promise.all(Array.from({ length: times }, (_, index) => redeem(index % 2 === 0 ? server : second, client, code)));
  }

  async function expectRevoked(client: TestClient, { access_token: access, refresh_token: refreshToken }: ReturnType<typeof tokensOf>) {
    expect((await userinfo(server, access)).status).toBe(401);
    expect((await userinfo(second, access)).status).toBe(401);
    const refreshed = await refresh(server, client, refreshToken);
    expect([refreshed.status, refreshed.body['error']]).toEqual([400, 'invalid_grant']);
  }

  it('T19: is an invalid_grant, and its tokens are revoked before the answer', async () => {
    const client = await aClient(server);
    const code = await codeFor(client);
    const tokens = tokensOf(await redeem(server, client, code));
    expect((await userinfo(server, tokens.access_token)).status).toBe(200);
    const replay = await redeem(second, client, code);
    expect([replay.status, replay.body['error'], replay.headers.get('cache-control')]).toEqual([400, 'invalid_grant', 'no-store']);
    await expectRevoked(client, tokens);
  });

  it('T19: has all tokens of its grant revoked, those of a refresh too', async () => {
    const client = await aClient(server);
    const code = await codeFor(client);
    const first = tokensOf(await redeem(server, client, code));
    const next = tokensOf(await refresh(server, client, first.refresh_token));
    await redeem(server, client, code);
    await expectRevoked(client, first);
    await expectRevoked(client, next);
  });

  it.each([
    ['a wrong redirect URI', { redirect_uri: 'https://client.example/other' }],
    ['a verifier without a challenge', { code_verifier: 'a'.repeat(43) }],
    ['a malformed verifier', { code_verifier: 'short' }],
  ])('T19: is a replay even with %s', async (_, parameters) => {
    const client = await aClient(server);
    const code = await codeFor(client);
    const tokens = tokensOf(await redeem(server, client, code));
    expect((await redeem(server, client, code, parameters)).body['error']).toBe('invalid_grant');
    await expectRevoked(client, tokens);
  });

  it('T19: has its tokens revoked even if the code has expired in the meantime', async () => {
    const client = await aClient(server);
    const code = await codeFor(client);
    const tokens = tokensOf(await redeem(server, client, code));
    server.clock.advance(120);
    expect((await redeem(server, client, code)).body['error']).toBe('invalid_grant');
    await expectRevoked(client, tokens);
  });

  it('T21: records each event once, however often it is sent', async () => {
    const client = await aClient(server);
    const code = await codeFor(client);
    expect(await eventsOf(client)).toEqual({ 'code-issued': 1 });
    await redeem(server, client, code);
    expect(await eventsOf(client)).toEqual({ 'code-issued': 1, 'code-redeemed': 1, 'tokens-issued': 1 });
    for (let replay = 0; replay < 3; replay++) {
      expect((await redeem(server, client, code)).body['error']).toBe('invalid_grant');
      expect(await eventsOf(client)).toEqual({
        'code-issued': 1, 'code-redeemed': 1, 'tokens-issued': 1, 'code-replayed': 1, 'grant-revoked': 1,
      });
    }
  });

  it('T21: a refused redemption records no event', async () => {
    const client = await aClient(server);
    const code = await codeFor(client);
    await redeem(server, client, code, { redirect_uri: 'https://client.example/other' });
    await redeem(server, await aClient(server), code);
    expect(await eventsOf(client)).toEqual({ 'code-issued': 1 });
  });

  it.each([
    ['50', {}],
    ['50 (with claims of the user in the ID token)', { claims: JSON.stringify({ id_token: { email: null } }) }],
  ])('T20: of %s concurrent redemptions at two servers exactly one succeeds, and its tokens are revoked', async (_, parameters) => {
    const client = await aClient(server);
    const code = await codeFor(client, parameters);
    const answers = await race(client, code, 50);
    const winners = answers.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    const losers = answers.filter(({ status }) => status !== 200).map(({ status, body }) => `${String(status)} ${String(body['error'])}`);
    expect(new Set(losers)).toEqual(new Set(['400 invalid_grant']));
    await expectRevoked(client, tokensOf(winners[0]!));
    expect(await eventsOf(client)).toEqual({
      'code-issued': 1, 'code-redeemed': 1, 'tokens-issued': 1, 'code-replayed': 1, 'grant-revoked': 1,
    });
  });

  it('T20: 40 codes that are each sent twice at the same time are each redeemed once', async () => {
    const client = await aClient(server);
    const claims = JSON.stringify({ id_token: { email: { essential: true } } });
    const codes = await Promise.all(Array.from({ length: 40 }, () => codeFor(client, { claims })));
    const answers = await Promise.all(codes.flatMap((code) => [redeem(server, client, code), redeem(server, client, code)]));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(40);
    expect(await eventsOf(client)).toEqual({
      'code-issued': 40, 'code-redeemed': 40, 'tokens-issued': 40, 'code-replayed': 40, 'grant-revoked': 40,
    });
  });
});
