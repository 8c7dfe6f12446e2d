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
  // All users are created now, because tests advance the clock beyond the lifetime of the administrator's token.
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
  it('sets a session cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await logIn();
    expect(answer.status).toBe(303);
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith(SESSION));
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Path=\//);
    expect(await isLoggedIn()).toBe(true);
  });

  it('does not store the secret of the session', async () => {
    await logIn();
    const [row] = await sql<{ row: string }>(server.databaseUrl, 'SELECT sessions::text AS row FROM sessions WHERE sub = $1', [user.sub]);
    expect(row?.row).not.toContain(secret());
    expect(row?.row).not.toContain(Buffer.from(secret(), 'base64url').toString('hex'));
  });

  it('starts a session with a new secret and ends the previous one', async () => {
    await logIn();
    const [first] = await sidsOf(user.sub);
    const otherBrowser = new Browser(server.url);
    otherBrowser.cookies.set(SESSION, secret());

    await logIn();
    expect(secret()).not.toBe(otherBrowser.cookies.get(SESSION));
    expect(await isLoggedIn(otherBrowser)).toBe(false);
    expect(await isLoggedIn()).toBe(true);
    const sids = await sidsOf(user.sub);
    expect(sids).toHaveLength(1);
    expect(sids).not.toContain(first);
    expect(await endedOf(user.sub)).toEqual([{ sid: first, reason: 'new-login' }]);
  });

  it('with a wrong password keeps the previous session', async () => {
    await logIn();
    const before = secret();
    expect((await logIn({ username: user.username, password: 'wrong' })).status).toBe(401);
    expect(secret()).toBe(before);
    expect(await isLoggedIn()).toBe(true);
  });

  it('ignores the case of the username', async () => {
    expect((await logIn({ ...user, username: user.username.toUpperCase() })).status).toBe(303);
  });

  it('does not read credentials from the query string', async () => {
    const { action, fields } = form.form();
    const query = new URLSearchParams({ username: user.username, password: user.password });
    expect((await browser.post(`${action}?${query.toString()}`, fields)).status).toBe(401);
  });

  it('with a name or password that no account can have is refused like any other', async () => {
    for (const username of ['', ' ', 'a\u200bb', '\ufeff', 'x'.repeat(5000), '\u0007']) {
      expect((await logIn({ username, password: 'x'.repeat(8000) })).status).toBe(401);
    }
  });
});

describe('a session', () => {
  it('ends after an hour without use, and continues while it is used', async () => {
    await logIn();
    for (let minutes = 0; minutes < 150; minutes += 50) {
      server.clock.advance(50 * MINUTE);
      expect(await isLoggedIn()).toBe(true);
    }
    server.clock.advance(HOUR + 1);
    expect(await isLoggedIn()).toBe(false);
  });

  it('ends twelve hours after the login, even if it is used', async () => {
    await logIn();
    for (let minutes = 0; minutes < 700; minutes += 50) {
      server.clock.advance(50 * MINUTE);
      expect(await isLoggedIn()).toBe(true);
    }
    server.clock.advance(21 * MINUTE);
    expect(await isLoggedIn()).toBe(false);
  });

  it('is updated at most once a minute, even if it is used more often', async () => {
    await logIn();
    const version = async () => sql(server.databaseUrl, 'SELECT xmin, last_used_at FROM sessions WHERE sub = $1', [user.sub]);
    const before = await version();
    for (let request = 0; request < 5; request++) await isLoggedIn();
    expect(await version()).toEqual(before);
    server.clock.advance(2 * MINUTE);
    await isLoggedIn();
    expect(await version()).not.toEqual(before);
  });

  it('does not accept a changed secret', async () => {
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
  it('ends the session on the server, and two concurrent logouts record one event', async () => {
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
