import { decodeJwt } from 'jose';
import { Browser } from '#test/browser.js';
import { authorizePath, logIn, type Parameters, redeem } from '#test/flow.js';
import { aClient, aUser, REDIRECT_URI, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { sql } from '#test/database.js';
import { countEvents, PKCE, VERIFIER } from '#test/tokens.js';
import { aLoggedInBrowser, handleOf, outcomeOf } from '#test/authorization-requests.js';

interface LogPage {
  readonly items: readonly { readonly type: string; readonly subject: string; readonly data: Readonly<Record<string, unknown>> }[];
}

describe('the authorization code', () => {
  let server: TestServer;
  let client: TestClient;
  let user: TestUser;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server);
    user = await aUser(server);
    browser = await aLoggedInBrowser(server, user);
  });
  afterAll(() => server.close());

  const send = (parameters: Parameters = {}, by = client) => browser.get(authorizePath(by, parameters));
  const codeFor = async (parameters: Parameters = {}, by = client) => (await send(parameters, by)).redirected.get('code') ?? '';

  /** All rows of all tables as text; bytes are given as text and in base64url. */
  async function everythingStored(): Promise<string> {
    const tables = await sql<{ name: string }>(
      server.databaseUrl,
      "SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    expect(tables.length).toBeGreaterThan(5);
    const rows = await Promise.all(tables.map(({ name }) => sql<object>(server.databaseUrl, `SELECT * FROM ${name}`)));
    return JSON.stringify(rows.flat(), (_key, value: unknown) => {
      if ((value as { type?: unknown } | null)?.type !== 'Buffer') return value;
      const bytes = Buffer.from((value as { data: number[] }).data);
      return `${bytes.toString('base64url')} ${bytes.toString('latin1')}`;
    });
  }

  it('A17: a code has 256 random bits, and no two codes are alike', async () => {
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeFor()));
    expect(new Set(codes).size).toBe(20);
    for (const code of codes) expect(Buffer.from(code, 'base64url').length).toBeGreaterThanOrEqual(32);
    const tails = codes.map((code) => Buffer.from(code, 'base64url').subarray(-32));
    for (let byte = 0; byte < 32; byte++) expect(new Set(tails.map((tail) => tail[byte])).size).toBeGreaterThan(5);
  });

  it('A17: codes, handles and cookies are stored as hashes, and no table contains one of them', async () => {
    const guest = new Browser(server.url);
    const waiting = await guest.get(authorizePath(client));
    const cookies = [...browser.cookies.values(), ...guest.cookies.values()];
    const secrets = [await codeFor(), handleOf(waiting), ...cookies, user.password, client.client_secret];
    expect(secrets.length).toBeGreaterThanOrEqual(6);
    const stored = await everythingStored();
    expect(stored).toContain(client.client_id);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(stored.includes(secret)).toBe(false);
      expect(stored.includes(Buffer.from(secret).toString('base64url'))).toBe(false);
    }
  });

  it('A17: a code can be redeemed once', async () => {
    const code = await codeFor();
    expect((await redeem(server, client, code)).status).toBe(200);
    expect(await redeem(server, client, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('A17: a code expires after 60 s', async () => {
    const [early, late] = [await codeFor(), await codeFor()];
    server.clock.advance(50);
    expect((await redeem(server, client, early)).status).toBe(200);
    server.clock.advance(11);
    expect(await redeem(server, client, late)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('A17: a code expires after the client’s authorization_code_lifetime', async () => {
    const hasty = await aClient(server, { authorization_code_lifetime: 5 });
    const slow = await aClient(server, { authorization_code_lifetime: 600 });
    const codes = [await codeFor({}, hasty), await codeFor({}, slow)] as const;
    server.clock.advance(6);
    expect((await redeem(server, hasty, codes[0])).body['error']).toBe('invalid_grant');
    server.clock.advance(580);
    expect((await redeem(server, slow, codes[1])).status).toBe(200);
  });

  it('A17: a code is bound to client, redirect URI and challenge', async () => {
    const several = await aClient(server, { redirect_uris: [REDIRECT_URI, 'https://client.example/other'] });
    const code = await codeFor(PKCE, several);
    const right = { code_verifier: VERIFIER };
    expect((await redeem(server, client, code, right)).body['error']).toBe('invalid_grant');
    const redirects = [{ redirect_uri: 'https://client.example/other' }, { redirect_uri: undefined }];
    for (const wrong of [...redirects, { code_verifier: 'a'.repeat(43) }, { code_verifier: undefined }]) {
      expect((await redeem(server, several, code, { ...right, ...wrong })).body['error']).toBe('invalid_grant');
    }
    expect((await redeem(server, several, code, right)).status).toBe(200);
  });

  it('A17: a code is bound to nonce, session and scope, which are in the ID token and the answer', async () => {
    const { body } = await redeem(server, client, await codeFor({ nonce: 'n-0S6 "é"', scope: 'openid email' }));
    const sid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(decodeJwt(String(body['id_token']))).toMatchObject({ nonce: 'n-0S6 "é"', sub: user.sub, aud: client.client_id, sid });
    expect(body['scope']).toBe('openid email');
  });

  it('A17: 20 concurrent answers to one stored request issue exactly one code', async () => {
    const asking = await aClient(server, { require_consent: true });
    const page = await browser.follow(await send({}, asking));
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.submit(page, { decision: 'allow' })));
    expect(answers.map(outcomeOf).filter((outcome) => outcome === 'code')).toHaveLength(1);
    const rows = await sql(server.databaseUrl, 'SELECT FROM authorization_codes WHERE client_id = $1', [asking.client_id]);
    expect([rows.length, await countEvents(server, 'authorization.code-issued', asking.client_id)]).toEqual([1, 1]);
    expect(await countEvents(server, 'authorization.consent-granted', asking.client_id)).toBe(1);
    const left = await sql(server.databaseUrl, "SELECT FROM authorization_requests WHERE request->>'clientId' = $1", [asking.client_id]);
    expect(left).toEqual([]);
  });

  it('A12, A15, A18, A23: the log has the events of a flow in their order, without secrets', async () => {
    const own = await aClient(server, { require_consent: true });
    const guest = new Browser(server.url);
    const login = await guest.follow(await guest.get(authorizePath(own, { state: 'st-4711' })));
    const consent = await guest.follow(await logIn(guest, login, user));
    await guest.submit(consent, { decision: 'deny' });
    const second = await guest.follow(await guest.get(authorizePath(own, { nonce: 'no-4711' })));
    const code = (await guest.submit(second, { decision: 'allow' })).redirected.get('code') ?? '';
    await guest.get(authorizePath(own, { scope: 'unknown' }));
    const types = ['authorization-requested', 'authorization-refused', 'consent-granted', 'consent-denied', 'code-issued'];
    const query = types.map((type) => `gatehouse.authorization.${type}.v1`).join(',');
    const { status, body } = await server.admin.get<LogPage>(`/events?types=${query}&limit=200`);
    expect(status).toBe(200);
    const ownEvents = body.items.filter(({ data }) => data['client_id'] === own.client_id);
    expect(ownEvents.map(({ type, data }) => [type.split('.')[2], data['sub'], data['error']])).toEqual([
      ['authorization-requested', null, undefined],
      ['consent-denied', user.sub, undefined],
      ['authorization-refused', user.sub, 'access_denied'],
      ['authorization-requested', user.sub, undefined],
      ['consent-granted', user.sub, undefined],
      ['code-issued', user.sub, undefined],
      ['authorization-refused', null, 'invalid_scope'],
    ]);
    const log = JSON.stringify(body);
    const secrets = [code, ...guest.cookies.values(), consent.form().fields['request'] ?? '', user.password, 'st-4711', 'no-4711'];
    for (const secret of secrets) expect([secret.length > 5, log.includes(secret)]).toEqual([true, false]);
  });
});
