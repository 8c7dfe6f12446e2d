/** Limits the round trips to Postgres that each kind of request makes. */
import { createDatabase, dropDatabase } from '#test/database.js';
import { Browser } from '#test/browser.js';
import { authorizePath, obtainCode, redeem, refresh, requestTokens } from '#test/flow.js';
import { aClient, aUser, type TestClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { PKCE, tokensOf, userinfo, VERIFIER } from '#test/tokens.js';
import { countPostgresTraffic, type PostgresTraffic } from '#test/postgres-traffic.js';

/** The statements of the relay, which run in the background; no request waits for them. */
const RELAY = /^event_/;

const LIMITS = { redemption: 3, refresh: 3, userinfo: 1, code: 2, credentials: 2, login: 10 };

interface Run {
  readonly trips: number;
  /** The names of the statements, which are shown if the test fails. */
  readonly statements: readonly string[];
}

function excess(limit: number, { trips, statements }: Run): readonly string[] {
  return trips <= limit ? [] : [`${String(trips)} round trips`, ...statements];
}

describe('round trips to Postgres', () => {
  let databaseUrl: string;
  let traffic: PostgresTraffic;
  let server: TestServer;
  let client: TestClient;
  let browser: Browser;
  beforeAll(async () => {
    databaseUrl = await createDatabase();
    traffic = await countPostgresTraffic(databaseUrl, RELAY);
    server = await startServer({ databaseUrl: traffic.url });
    client = await aClient(server, { require_consent: true, grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] });
    browser = new Browser(server.url);
    const parameters = { ...PKCE, scope: 'openid profile' };
    const code = await obtainCode({ server, client, user: await aUser(server), parameters, browser });
    // The first use fills caches and writes what is then kept for many uses.
    const tokens = tokensOf(await redeem(server, client, code, { code_verifier: VERIFIER }));
    await userinfo(server, tokens.access_token);
  });
  afterAll(async () => {
    await server.close();
    await traffic.close();
    await dropDatabase(databaseUrl);
  });

  async function codeWithSession(): Promise<string> {
    const { redirected } = await browser.get(authorizePath(client, { ...PKCE, scope: 'openid profile' }));
    return redirected.get('code') ?? '';
  }

  async function newTokens() {
    return tokensOf(await redeem(server, client, await codeWithSession(), { code_verifier: VERIFIER }));
  }

  async function tripsOf(work: () => Promise<unknown>): Promise<Run> {
    traffic.reset();
    await work();
    return { trips: traffic.roundTrips(), statements: traffic.statements() };
  }

  it(`a redemption makes at most ${String(LIMITS.redemption)}`, async () => {
    const code = await codeWithSession();
    const run = await tripsOf(async () => tokensOf(await redeem(server, client, code, { code_verifier: VERIFIER })));
    expect(excess(LIMITS.redemption, run)).toEqual([]);
  });

  it(`a refresh makes at most ${String(LIMITS.refresh)}`, async () => {
    const { refresh_token: token } = await newTokens();
    const run = await tripsOf(async () => tokensOf(await refresh(server, client, token)));
    expect(excess(LIMITS.refresh, run)).toEqual([]);
  });

  it(`userinfo makes at most ${String(LIMITS.userinfo)}`, async () => {
    const { access_token: token } = await newTokens();
    const run = await tripsOf(async () => expect((await userinfo(server, token)).status).toBe(200));
    expect(excess(LIMITS.userinfo, run)).toEqual([]);
  });

  it(`an authorization with a session and a stored consent makes at most ${String(LIMITS.code)}`, async () => {
    const run = await tripsOf(async () => expect(await codeWithSession()).not.toBe(''));
    expect(excess(LIMITS.code, run)).toEqual([]);
  });

  it(`an authorization with login and consent makes at most ${String(LIMITS.login)} in five requests`, async () => {
    const user = await aUser(server);
    const run = await tripsOf(async () => expect(await obtainCode({ server, client, user, parameters: PKCE })).not.toBe(''));
    expect(excess(LIMITS.login, run)).toEqual([]);
  });

  it(`client credentials make at most ${String(LIMITS.credentials)}`, async () => {
    const run = await tripsOf(async () => requestTokens(server, client, { grant_type: 'client_credentials' }));
    expect(excess(LIMITS.credentials, run)).toEqual([]);
  });

  it('the count is right: discovery makes none, and a redemption runs its named statement', async () => {
    const { trips } = await tripsOf(() => fetch(`${server.url}/.well-known/openid-configuration`));
    expect(trips).toBe(0);
    const code = await codeWithSession();
    const { statements } = await tripsOf(() => redeem(server, client, code, { code_verifier: VERIFIER }));
    expect(statements).toContain('authorization_codes_redeem');
  });
});
