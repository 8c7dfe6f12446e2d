/** What a request waits for: the round trips to Postgres, counted on the traffic. */
import { createDatabase, dropDatabase } from '#test/database.js';
import { Browser } from '#test/browser.js';
import { authorizePath, obtainCode, redeem, refresh, requestTokens } from '#test/flow.js';
import { aClient, aUser, type TestClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { PKCE, tokensOf, userinfo, VERIFIER } from '#test/tokens.js';
import { countPostgresTraffic, type PostgresTraffic } from '#test/postgres-traffic.js';

/** The relay's statements: they run behind the requests, and nobody waits for them. */
const RELAY = /^event_/;

const AT_MOST = { redemption: 3, refresh: 3, userinfo: 1, code: 2, credentials: 2, login: 10 };

interface Run {
  readonly trips: number;
  /** By name, for the one who looks into a failure. */
  readonly statements: readonly string[];
}

function beyond(bound: number, { trips, statements }: Run): readonly string[] {
  return trips <= bound ? [] : [`${String(trips)} round trips`, ...statements];
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
    // What a first use looks up or notes down is done once for many.
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

  it(`a redemption takes at most ${String(AT_MOST.redemption)}`, async () => {
    const code = await codeWithSession();
    const run = await tripsOf(async () => tokensOf(await redeem(server, client, code, { code_verifier: VERIFIER })));
    expect(beyond(AT_MOST.redemption, run)).toEqual([]);
  });

  it(`a refresh takes at most ${String(AT_MOST.refresh)}`, async () => {
    const { refresh_token: token } = await newTokens();
    const run = await tripsOf(async () => tokensOf(await refresh(server, client, token)));
    expect(beyond(AT_MOST.refresh, run)).toEqual([]);
  });

  it(`userinfo takes at most ${String(AT_MOST.userinfo)}`, async () => {
    const { access_token: token } = await newTokens();
    const run = await tripsOf(async () => expect((await userinfo(server, token)).status).toBe(200));
    expect(beyond(AT_MOST.userinfo, run)).toEqual([]);
  });

  it(`a code for a user with a session and a stored consent takes at most ${String(AT_MOST.code)}`, async () => {
    const run = await tripsOf(async () => expect(await codeWithSession()).not.toBe(''));
    expect(beyond(AT_MOST.code, run)).toEqual([]);
  });

  it(`a code for a user who logs in and consents takes at most ${String(AT_MOST.login)}, over five requests`, async () => {
    const user = await aUser(server);
    const run = await tripsOf(async () => expect(await obtainCode({ server, client, user, parameters: PKCE })).not.toBe(''));
    expect(beyond(AT_MOST.login, run)).toEqual([]);
  });

  it(`client credentials take at most ${String(AT_MOST.credentials)}`, async () => {
    const run = await tripsOf(async () => requestTokens(server, client, { grant_type: 'client_credentials' }));
    expect(beyond(AT_MOST.credentials, run)).toEqual([]);
  });

  it('the count is that of the traffic: none for a document, and those of each statement otherwise', async () => {
    const { trips } = await tripsOf(() => fetch(`${server.url}/.well-known/openid-configuration`));
    expect(trips).toBe(0);
    const code = await codeWithSession();
    const { statements } = await tripsOf(() => redeem(server, client, code, { code_verifier: VERIFIER }));
    expect(statements).toContain('authorization_codes_redeem');
  });
});
