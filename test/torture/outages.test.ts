/** The database is unreachable, slow, silent, out of connections or read-only: answers are clear and in time, and the server recovers. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Admin } from '#test/admin.js';
import { Browser } from '#test/browser.js';
import { createEmptyDatabase, dropDatabase, sql } from '#test/database.js';
import { authorizePath, basic, obtainCode, redeem, TOKEN } from '#test/flow.js';
import { aClient, aUser, type TestClient } from '#test/fixtures.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import { type Proxy, startProxy } from '#test/tcp-proxy.js';
import type { Served } from '#test/server.js';
import { USERINFO } from '#test/tokens.js';
import { aLoggedInBrowser } from '#test/authorization-requests.js';

/** The server waits 5 s for a connection or 12 s for a statement, but not for both. */
const TIME_LIMIT_MS = 15_000;
const CONCURRENCY = 3;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly retryAfter: string | null;
  readonly took: number;
}
type Ask = () => Promise<Answer>;

const ADMIN_SECRET = 'administrator-of-the-tests-only-0';
const ROLE = `outage_${randomBytes(6).toString('hex')}`;

let database: string;
let proxy: Proxy;
let server: ServerProcess;
let served: Served;
let client: TestClient;
/** One request of each kind. `reads` only read from the database. */
let writes: Readonly<Record<'token' | 'refresh' | 'administration' | 'page' | 'sign-up', Ask>>;
let reads: Readonly<Record<'userinfo' | 'ready' | 'list', Ask>>;

beforeAll(async () => {
  database = await createEmptyDatabase();
  const url = new URL(database);
  // The limit of connections does not apply to a superuser.
  const password = randomBytes(12).toString('hex');
  await sql(database, `CREATE ROLE ${ROLE} LOGIN PASSWORD '${password}'`);
  await sql(database, `ALTER DATABASE ${nameOf(database)} OWNER TO ${ROLE}`);
  proxy = await startProxy(url.hostname, Number(url.port));
  Object.assign(url, { host: `127.0.0.1:${String(proxy.port)}`, username: ROLE, password });
  // The built server in its own process: under jest, socket errors come from another realm, where `instanceof` fails.
  server = await spawnServer({
    DATABASE_URL: url.href,
    GATEHOUSE_SECRET: randomBytes(32).toString('base64url'),
    GATEHOUSE_ADMIN_SECRET: ADMIN_SECRET,
    LOG_LEVEL: 'info',
  });
  served = { url: server.url, admin: new Admin(server.url, ADMIN_SECRET), databaseUrl: database };
  await prepare();
}, 60_000);

afterEach(() => proxy.restore());

afterAll(async () => {
  await server.stop();
  await proxy.close();
  const otherDatabase = await createEmptyDatabase();
  await dropDatabase(database);
  await sql(otherDatabase, `DROP ROLE ${ROLE}`);
  await dropDatabase(otherDatabase);
});

async function prepare(): Promise<void> {
  const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'];
  client = await aClient(served, { grant_types: grantTypes, scope: 'openid api', refresh_token_grace: 60 });
  const user = await aUser(served);
  const browser = await aLoggedInBrowser(served, user);
  const tokens = (await redeem(served, client, await obtainCode({ server: served, client, user, browser }))).body as Record<string, string>;
  let refreshToken = String(tokens['refresh_token']);
  const newBrowser = new Browser(server.url);
  const form = (await newBrowser.get('/signup')).form();
  const bearer = { authorization: `Bearer ${String(tokens['access_token'])}` };
  const admin = { authorization: `Bearer ${await served.admin.token()}` };
  const post = (parameters: Record<string, string>): Ask => () =>
    ask(TOKEN, { method: 'POST', headers: { authorization: basic(client) }, body: new URLSearchParams(parameters) });
  writes = {
    token: post({ grant_type: 'client_credentials', scope: 'api' }),
    refresh: async () => {
      const answer = await post({ grant_type: 'refresh_token', refresh_token: refreshToken })();
      if (answer.status === 200) refreshToken = (JSON.parse(answer.body) as { refresh_token: string }).refresh_token;
      return answer;
    },
    administration: () => {
      const body = JSON.stringify({ username: `user-${randomBytes(6).toString('hex')}`, password: 'correct horse battery' });
      return ask('/admin/v1/users', { method: 'POST', headers: { ...admin, 'content-type': 'application/json' }, body });
    },
    page: () => ask(authorizePath(client), { headers: { cookie: cookiesOf(browser) } }),
    'sign-up': () => {
      const fields = { ...form.fields, username: `user-${randomBytes(6).toString('hex')}`, password: 'correct horse battery' };
      return ask(form.action, { method: 'POST', headers: { cookie: cookiesOf(newBrowser) }, body: new URLSearchParams(fields) });
    },
  };
  reads = {
    userinfo: () => ask(USERINFO, { headers: bearer }),
    ready: () => ask('/health/ready', {}),
    list: () => ask('/admin/v1/users', { headers: admin }),
  };
}

async function ask(path: string, init: RequestInit): Promise<Answer> {
  const began = performance.now();
  const { status, headers, ...response } = await fetch(server.url + path, { ...init, redirect: 'manual' }).then(async (answer) => ({
    status: answer.status,
    headers: answer.headers,
    body: await answer.text(),
  }));
  const type = headers.get('content-type') ?? '';
  return { status, type, ...response, retryAfter: headers.get('retry-after'), took: performance.now() - began };
}

function cookiesOf(browser: Browser): string {
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** Sends every kind of request several times concurrently. */
async function askAll(kinds: Readonly<Record<string, Ask>>): Promise<[kind: string, answer: Answer][]> {
  const requests = Object.entries(kinds).flatMap((entry) => Array.from({ length: CONCURRENCY }, () => entry));
  return Promise.all(requests.map(async ([kind, one]): Promise<[string, Answer]> => [kind, await one()]));
}

const MEDIA_TYPES: Readonly<Record<string, RegExp>> = {
  administration: /^application\/problem\+json/,
  list: /^application\/problem\+json/,
  page: /^text\/html/,
  'sign-up': /^text\/html/,
};

/** A 503 in the format of its endpoint, in time, with `Retry-After` and without internal details. */
function expectUnavailable(kind: string, { status, type, body, retryAfter, took }: Answer): void {
  expect([kind, status]).toEqual([kind, 503]);
  expect(type).toMatch(MEDIA_TYPES[kind] ?? /^application\/json/);
  if (type.startsWith('application/problem')) expect(JSON.parse(body)).toMatchObject({ status: 503, title: 'Service Unavailable' });
  else if (type.startsWith('application/json')) expect(JSON.parse(body)).toMatchObject({ error: 'temporarily_unavailable' });
  expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
  expect(body).not.toMatch(/ECONN|[Pp]ostgres|read-only|SELECT|INSERT|\.[jt]s:\d/);
  expect(took).toBeLessThan(TIME_LIMIT_MS);
}

/** Every kind of request succeeds twice in a row, without a restart. */
async function expectRecovery(): Promise<void> {
  const deadline = Date.now() + 10_000;
  let wrong = ['everything'];
  for (let good = 0; good < 2 && Date.now() < deadline; good = wrong.length === 0 ? good + 1 : 0) {
    const answers = await askAll({ ...writes, ...reads });
    wrong = answers.filter(([, { status }]) => status >= 400).map(([kind, { status }]) => `${kind} ${status}`);
    if (wrong.length > 0) await pause(100);
  }
  expect(wrong).toEqual([]);
}

/** Ends the server's connections, as an operator or a failover does. */
async function endConnections(): Promise<void> {
  const others = 'datname = current_database() AND pid <> pg_backend_pid()';
  await sql(database, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
}

it('every kind of request succeeds without an outage', async () => {
  await expectRecovery();
});

it('requests get a 503 while connections are cut, also those in flight, and the server recovers', async () => {
  const inFlight = askAll({ ...writes, ...reads });
  await pause(5);
  proxy.cut();
  for (const [kind, answer] of await inFlight) if (answer.status >= 400) expectUnavailable(kind, answer);
  for (const [kind, answer] of await askAll({ ...writes, ...reads })) expectUnavailable(kind, answer);
  proxy.restore();
  await expectRecovery();
});

it('requests succeed over a slow connection to the database', async () => {
  proxy.slow(30);
  for (const [kind, { status, took }] of await askAll({ ...writes, ...reads })) {
    expect([kind, status < 400]).toEqual([kind, true]);
    expect(took).toBeLessThan(TIME_LIMIT_MS);
  }
});

it('requests get a 503 in time if the database is silent, and the server recovers', async () => {
  proxy.stall();
  for (const [kind, answer] of await askAll({ ...writes, ...reads })) expectUnavailable(kind, answer);
  proxy.restore();
  await expectRecovery();
}, 60_000);

it('requests get a 503 if the database has no connection left, some succeed with three, and the server recovers', async () => {
  await sql(database, `ALTER ROLE ${ROLE} CONNECTION LIMIT 0`);
  await endConnections();
  for (const [kind, answer] of await askAll({ ...writes, ...reads })) expectUnavailable(kind, answer);
  await sql(database, `ALTER ROLE ${ROLE} CONNECTION LIMIT 3`);
  const answers = await askAll({ ...writes, ...reads });
  for (const [kind, answer] of answers) if (answer.status >= 400) expectUnavailable(kind, answer);
  await sql(database, `ALTER ROLE ${ROLE} CONNECTION LIMIT -1`);
  await expectRecovery();
});

it('writes get a 503 if the database refuses writes, reads succeed, and the server recovers', async () => {
  await sql(database, `ALTER DATABASE ${nameOf(database)} SET default_transaction_read_only = on`);
  await endConnections();
  await replaceConnections();
  for (const [kind, answer] of await askAll(writes)) expectUnavailable(kind, answer);
  for (const [kind, { status }] of await askAll(reads)) expect([kind, status]).toEqual([kind, 200]);
  await sql(database, `BEGIN READ WRITE; ALTER DATABASE ${nameOf(database)} RESET default_transaction_read_only; COMMIT`);
  // A connection keeps the default that it was opened with, so a connection that was refused a write must not be used again.
  await expectRecovery();
});

/** The first requests notice the ended connections and replace them. */
async function replaceConnections(): Promise<void> {
  await pause(200);
  await askAll(reads);
}
