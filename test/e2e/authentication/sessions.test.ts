import { Browser, type Page } from '#test/browser.js';
import { sql } from '#test/database.js';
import { aUser, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const SESSION = 'gatehouse-session';

let server: TestServer;
let users: TestUser[];
let user: TestUser;
let browser: Browser;
let form: Page;

beforeAll(async () => {
  server = await startServer();
  // All of them now: the clock will soon be ahead of the administrator's token.
  users = await Promise.all(Array.from({ length: 20 }, () => aUser(server)));
});

afterAll(() => server.close());

beforeEach(async () => {
  user = users.pop() ?? user;
  browser = new Browser(server.url);
  form = await browser.get('/login');
});

function logIn(fields: { username: string; password: string } = user): Promise<Page> {
  return browser.submit(form, { username: fields.username, password: fields.password });
}

function secret(): string {
  return browser.cookies.get(SESSION) ?? '';
}

async function isLoggedIn(with_ = browser): Promise<boolean> {
  return !(await with_.get('/login')).body.includes('name="password"');
}

async function sidsOf(sub: string): Promise<readonly string[]> {
  return (await sql<{ sid: string }>(server.databaseUrl, 'SELECT sid FROM sessions WHERE sub = $1', [sub])).map(({ sid }) => sid);
}

async function endedOf(sub: string): Promise<readonly { sid: string; reason: string }[]> {
  const rows = await sql<{ data: { sid: string; reason: string } }>(
    server.databaseUrl,
    `SELECT data FROM (SELECT type, subject, data FROM outbox UNION ALL SELECT type, subject, data FROM event_log) AS events
     WHERE type = 'gatehouse.authentication.session-ended.v1' AND subject = $1`,
    [sub],
  );
  return rows.map(({ data: { sid, reason } }) => ({ sid, reason }));
}

describe('a login', () => {
  it('starts a session in a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await logIn();
    expect(answer.status).toBe(303);
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith(SESSION));
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Path=\//);
    expect(await isLoggedIn()).toBe(true);
  });

  it('stores no secret that would open the session', async () => {
    await logIn();
    const [row] = await sql<{ row: string }>(server.databaseUrl, 'SELECT sessions::text AS row FROM sessions WHERE sub = $1', [user.sub]);
    expect(row?.row).not.toContain(secret());
    expect(row?.row).not.toContain(Buffer.from(secret(), 'base64url').toString('hex'));
  });

  it('begins a new session under a new secret and ends the one before', async () => {
    await logIn();
    const [first] = await sidsOf(user.sub);
    const planted = new Browser(server.url);
    planted.cookies.set(SESSION, secret());

    await logIn();
    expect(secret()).not.toBe(planted.cookies.get(SESSION));
    expect(await isLoggedIn(planted)).toBe(false);
    expect(await isLoggedIn()).toBe(true);
    const sids = await sidsOf(user.sub);
    expect(sids).toHaveLength(1);
    expect(sids).not.toContain(first);
    expect(await endedOf(user.sub)).toEqual([{ sid: first, reason: 'new-login' }]);
  });

  it('keeps the session that was there when the password is wrong', async () => {
    await logIn();
    const before = secret();
    expect((await logIn({ username: user.username, password: 'wrong' })).status).toBe(401);
    expect(secret()).toBe(before);
    expect(await isLoggedIn()).toBe(true);
  });

  it('takes the username in any case', async () => {
    expect((await logIn({ ...user, username: user.username.toUpperCase() })).status).toBe(303);
  });

  it('does not read credentials from the query string', async () => {
    const { action, fields } = form.form();
    const query = new URLSearchParams({ username: user.username, password: user.password });
    expect((await browser.post(`${action}?${query.toString()}`, fields)).status).toBe(401);
  });

  it('refuses names and passwords that no account can have, without an error', async () => {
    for (const username of ['', ' ', 'a\u200bb', '\ufeff', 'x'.repeat(5000), '\u0007']) {
      expect((await logIn({ username, password: 'x'.repeat(8000) })).status).toBe(401);
    }
  });
});

describe('a session', () => {
  it('ends after an hour without use, and lives on while it is used', async () => {
    await logIn();
    for (let minutes = 0; minutes < 150; minutes += 50) {
      server.clock.advance(50 * MINUTE);
      expect(await isLoggedIn()).toBe(true);
    }
    server.clock.advance(HOUR + 1);
    expect(await isLoggedIn()).toBe(false);
  });

  it('ends twelve hours after the login, however much it is used', async () => {
    await logIn();
    for (let minutes = 0; minutes < 700; minutes += 50) {
      server.clock.advance(50 * MINUTE);
      expect(await isLoggedIn()).toBe(true);
    }
    server.clock.advance(21 * MINUTE);
    expect(await isLoggedIn()).toBe(false);
  });

  it('is written at most once a minute, however often it is used', async () => {
    await logIn();
    const version = async () => sql(server.databaseUrl, 'SELECT xmin, last_used_at FROM sessions WHERE sub = $1', [user.sub]);
    const before = await version();
    for (let look = 0; look < 5; look++) await isLoggedIn();
    expect(await version()).toEqual(before);
    server.clock.advance(2 * MINUTE);
    await isLoggedIn();
    expect(await version()).not.toEqual(before);
  });

  it('is not opened by a secret that was changed', async () => {
    await logIn();
    const bytes = Buffer.from(secret(), 'base64url');
    for (const position of [0, 4, 5, 36]) {
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] ?? 0) ^ 1;
      const thief = new Browser(server.url);
      thief.cookies.set(SESSION, changed.toString('base64url'));
      expect(await isLoggedIn(thief)).toBe(false);
    }
  });
});

describe('a logout', () => {
  it('ends the session on the server, not only in the browser; of two at once one tells of it', async () => {
    await logIn();
    const [sid] = await sidsOf(user.sub);
    const thief = new Browser(server.url);
    thief.cookies.set(SESSION, secret());
    const page = await browser.get('/logout');
    const answers = await Promise.all([browser.submit(page), browser.submit(page)]);
    expect(answers.every(({ status }) => status < 400)).toBe(true);
    expect(await isLoggedIn()).toBe(false);
    expect(await isLoggedIn(thief)).toBe(false);
    expect(await endedOf(user.sub)).toEqual([{ sid, reason: 'logout' }]);
  });
});
