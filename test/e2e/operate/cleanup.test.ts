import { Client } from 'pg';
import { Database } from '#database/database.js';
import type { Step } from '#database/statement.js';
import { deleteExpired, Cleanup } from '#database/cleanup.js';
import { Browser } from '#test/browser.js';
import { createDatabase, dropDatabase, sql } from '#test/database.js';
import { EXPIRING, type Expiring, storeExpired } from '#test/expired-rows.js';
import { authorizePath, logIn, obtainCode, redeem, refresh, requestTokens } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, obtainTokens, tokensOf, userinfo } from '#test/tokens.js';

const DAY = 24 * 60 * 60;
/** The seconds after which an expired row may be deleted: those of docs/operations.md, and a minute. */
const RETENTION: Readonly<Record<Expiring, number>> = {
  authorization_requests: 60,
  authorization_codes: DAY + 60,
  grants: 2 * DAY + 60,
  access_tokens: 60,
  refresh_tokens: DAY + 60,
  sessions: 60,
  login_failures: 60,
};

interface Query {
  readonly text: string;
  readonly values?: unknown[];
}

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const cleanup = (of = server): Cleanup => of.app.get(Cleanup);
async function count(table: Expiring, url = server.databaseUrl): Promise<number> {
  return (await sql<{ count: number }>(url, `SELECT count(*)::int AS count FROM ${table}`))[0]?.count ?? Number.NaN;
}

/** Runs the statements in another transaction, then `work` with the first row of each, and then rolls the transaction back. */
async function duringTransaction(statements: readonly Query[], work: (firstRows: readonly unknown[]) => Promise<void>): Promise<void> {
  const other = new Client({ connectionString: server.databaseUrl });
  await other.connect();
  try {
    await other.query('BEGIN');
    const firstRows: unknown[] = [];
    for (const statement of statements) firstRows.push((await other.query<object>(statement)).rows[0]);
    await work(firstRows);
  } finally {
    await other.end();
  }
}

describe('the cleanup', () => {
  it('deletes from every table whose rows expire', async () => {
    const queries = jest.spyOn(server.app.get(Database), 'queryTogether');
    await cleanup().run();
    const names = queries.mock.calls.flatMap(([steps]) => steps.map(({ statement }: Step) => statement.name));
    queries.mockRestore();
    const rows = await sql<{ table_name: string }>(
      server.databaseUrl,
      `SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
       WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name IN ('expires_at', 'forgotten_at')`,
    );
    const expiring = rows.map(({ table_name: table }) => table)
      // The old secret of a client is deleted when the client gets a new one, so there are two at most.
      .filter((table) => table !== 'client_secrets');
    expect(expiring.sort()).toEqual([...EXPIRING].sort());
    const cleaned = names.flatMap((name) => /^(\w+)_delete_expired$/.exec(name)?.[1] ?? []);
    expect(cleaned.sort()).toEqual(expiring.sort());
  });

  it.each(EXPIRING)('deletes rows of %s after their retention, and not before', async (table) => {
    const before = await count(table);
    await sql(server.databaseUrl, storeExpired(table, 2500, RETENTION[table] + 1));
    await cleanup().run();
    expect(await count(table)).toBe(before);
    await sql(server.databaseUrl, storeExpired(table, 1, RETENTION[table] - 10));
    await cleanup().run();
    expect(await count(table)).toBe(before + 1);
  });

  it('skips a row that another transaction has locked, and deletes it the next time', async () => {
    const rows = await count('access_tokens');
    await sql(server.databaseUrl, storeExpired('access_tokens', 3, 61));
    const lock = "SELECT FROM access_tokens WHERE expires_at < now() - interval '61 s' ORDER BY expires_at LIMIT 1 FOR UPDATE";
    await duringTransaction([{ text: lock }], async () => {
      await cleanup().run();
      expect(await count('access_tokens')).toBe(rows + 1);
    });
    await cleanup().run();
    expect(await count('access_tokens')).toBe(rows);
  });

  it('does nothing while another server is at it', async () => {
    const rows = await count('sessions');
    await sql(server.databaseUrl, storeExpired('sessions', 3, 61));
    const otherCleanup = { text: deleteExpired('access_tokens').text, values: [new Date(0), '-infinity'] };
    await duringTransaction([otherCleanup], async () => {
      await cleanup().run();
      expect(await count('sessions')).toBe(rows + 3);
    });
    await cleanup().run();
    expect(await count('sessions')).toBe(rows);
  });

  it('ends between two batches when the server stops', async () => {
    const databaseUrl = await createDatabase();
    const other = await startServer({ databaseUrl });
    await sql(databaseUrl, storeExpired('access_tokens', 30_000, 61));
    const swept = cleanup(other).run();
    await other.close();
    await swept;
    expect(await count('access_tokens', databaseUrl)).toBeGreaterThan(0);
    await dropDatabase(databaseUrl);
  });
});

describe('while a sweep has locked all expired rows', () => {
  /** Longer than the retention of all rows of the flow. */
  const LATER = 40 * DAY;
  let client: TestClient;
  let user: TestUser;
  let browser: Browser;
  let code: string;
  let redeemed: string;
  let old: { access_token: string; refresh_token: string };

  beforeAll(async () => {
    client = await aClient(server, { require_consent: true, refresh_token_lifetime: 60 });
    user = await aUser(server);
    browser = new Browser(server.url);
    code = await obtainCode({ server, client, user, browser });
    redeemed = await obtainCode({ server, client, user, browser });
    old = tokensOf(await redeem(server, client, redeemed));
    await browser.follow(await browser.get(authorizePath(client, { prompt: 'login' })));
    server.clock.advance(LATER);
  });

  /** Without the counts of logins: a login waits for the end of the batch that deletes its count. */
  const sweepStatements = (): Query[] =>
    EXPIRING.filter((table) => table !== 'login_failures').map((table) => {
      const before = new Date(server.clock.now().getTime() - RETENTION[table] * 1000);
      return { text: deleteExpired(table).text, values: [before, '-infinity'] };
    });

  it('no request waits, neither with an expired code or token nor with a new one', async () => {
    const statements = sweepStatements();
    await duringTransaction(statements, async (rows) => {
      expect(rows).toEqual(Array(statements.length).fill({ mine: true, count: expect.any(Number), last: expect.any(String) }));
      const gone = { error: 'invalid_grant' };
      expect((await redeem(server, client, code)).body).toMatchObject(gone);
      expect((await redeem(server, client, redeemed)).body).toMatchObject(gone);
      expect((await refresh(server, client, old.refresh_token)).body).toMatchObject(gone);
      expect((await userinfo(server, old.access_token)).status).toBe(401);

      // The browser still has the cookie of its session and the page of its request.
      const page = await browser.follow(await browser.get(authorizePath(client)));
      expect((await browser.follow(await logIn(browser, page, user))).redirected.get('code')).toEqual(expect.any(String));

      const fresh = await obtainTokens({ server, client, user: await aUser(server) });
      const refreshed = tokensOf(await refresh(server, client, fresh.refresh_token));
      expect((await userinfo(server, refreshed.access_token)).status).toBe(200);
      const machine = { grant_type: 'client_credentials' };
      expect((await requestTokens(server, client, machine)).body).toMatchObject({ error: 'unauthorized_client' });
      await change(server, `/users/${user.sub}`, { locked: true });
    });
  });
});
