import { hash } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { Browser, type Page } from '#test/browser.js';
import { sql } from '#test/database.js';
import { aUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.close());

const USERS = '/users';
const PASSWORD = 'correct horse battery';

interface User {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

interface Problem {
  readonly type: string;
  readonly errors?: readonly { readonly pointer: string; readonly rule: string }[];
}

function aName(): string {
  return `user-${randomBytes(6).toString('hex')}`;
}

async function create(document: Record<string, unknown> = {}) {
  return server.admin.post<User>(USERS, { username: aName(), password: PASSWORD, ...document });
}

async function refused(document: Record<string, unknown>): Promise<readonly string[]> {
  const { status, body } = await server.admin.post<Problem>(USERS, document);
  expect(status).toBe(400);
  return (body.errors ?? []).map(({ pointer, rule }) => `${pointer} ${rule}`).sort();
}

async function etagOf(sub: string): Promise<string> {
  return (await server.admin.get(`${USERS}/${encodeURIComponent(sub)}`)).headers.get('etag') ?? '';
}

async function patch<Body = User>(sub: string, body: unknown, etag?: string) {
  const headers = { 'if-match': etag ?? (await etagOf(sub)) };
  return server.admin.call<Body>('PATCH', `${USERS}/${sub}`, { body, headers });
}

async function logIn(username: unknown, password = PASSWORD, browser = new Browser(server.url)): Promise<Page> {
  return browser.submit(await browser.get('/login'), { username: String(username), password });
}

async function eventsAbout(sub: string): Promise<readonly string[]> {
  const rows = await sql<{ type: string; change: string | null }>(
    server.databaseUrl,
    `SELECT type, data->>'change' AS change FROM (
       SELECT id, type, subject, data FROM outbox UNION ALL SELECT id, type, subject, data FROM event_log) AS events
     WHERE subject = $1 ORDER BY id`,
    [sub],
  );
  return rows.map(({ type, change }) => [type.split('.')[2], change].filter(Boolean).join(' '));
}

describe('POST /users', () => {
  it('creates an account: 201 with Location and ETag, the username as sub, and no password in the answer', async () => {
    const username = aName();
    const profile = { name: 'John Doe', email: 'john@example.com', address: { locality: 'Paris' } };
    const { status, headers, body } = await create({ username, ...profile });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`${server.issuer}/admin/v1/users/${username}`);
    expect(headers.get('etag')).toMatch(/^"[^"]+"$/);
    expect(body).toEqual({
      sub: username,
      username,
      ...profile,
      locked: false,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    });
    expect((await server.admin.get(`${USERS}/${username}`)).body).toEqual(body);
    expect(await eventsAbout(username)).toEqual(['account-created']);
  });

  it('accepts a chosen sub, and generates one if the username is not visible ASCII', async () => {
    const chosen = await create({ sub: `id-${aName()}` });
    expect(chosen.body.sub).toMatch(/^id-/);
    const made = await create({ username: `Zoë ${aName()}` });
    expect(made.body.sub).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("accepts a password hash, and replaces it at the first login by one with the server's cost", async () => {
    const username = aName();
    const password_hash = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1 });
    expect((await create({ username, password: undefined, password_hash })).status).toBe(201);
    expect((await logIn(username)).status).toBe(303);
    const [row] = await sql<{ password_hash: string }>(server.databaseUrl, 'SELECT password_hash FROM accounts WHERE sub = $1', [username]);
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect((await logIn(username)).status).toBe(303);
  });

  it('reports every wrong or unknown field', async () => {
    const wrong = { sub: 'a b', username: ' x', password: 'short', locked: 1, email: 'nobody', address: { planet: 'Mars' }, shoe_size: 43 };
    expect(await refused(wrong)).toEqual([
      '/address/planet unknown-field', '/email email', '/locked type', '/password min-length', '/shoe_size unknown-field',
      '/sub subject',
      '/username username',
    ]);
    expect(await refused({})).toEqual(['/password required', '/username required']);
    expect(await refused({ username: 'longenough', password: 'LongEnough' })).toEqual(['/password not-username']);
    expect(await refused({ username: 'x', password: 'p'.repeat(1025) })).toEqual(['/password max-length']);
    expect(await refused({ username: 'x', password_hash: '$2b$10$abc' })).toEqual(['/password_hash phc']);
    const dear = `$argon2id$v=19$m=4194304,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
    expect(await refused({ username: 'x', password_hash: dear })).toEqual(['/password_hash cost']);
    expect(await refused({ username: 'x', password: PASSWORD, password_hash: dear })).toEqual(['/password_hash one-of']);
  });

  it('gets a 409 for a username that is in use in another case or width', async () => {
    const username = aName();
    await create({ username });
    for (const same of [username, username.toUpperCase(), username.replace('user', 'ｕｓｅｒ')]) {
      const { status, body } = await create({ username: same, sub: aName() });
      expect({ status, type: body['type'] }).toEqual({ status: 409, type: '/errors/taken' });
    }
  });

  it('creates one account for 20 concurrent requests with one username', async () => {
    const username = aName();
    const answers = await Promise.all(Array.from({ length: 20 }, () => create({ username })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
  });
});

describe('GET /users', () => {
  it('lists every account once, sorted by sub, page by page, and can be searched by name', async () => {
    const mark = aName();
    const subs = ['c', 'a', 'b', 'd', 'e'].map((letter) => `${letter}-${mark}`);
    for (const username of subs) await create({ username, name: `Member ${mark}` });

    const seen: string[] = [];
    let path: string | undefined = `${USERS}?limit=2&q=${mark.toUpperCase()}`;
    while (path !== undefined) {
      const { headers, body }: { headers: Headers; body: { items: User[] } } = await server.admin.get(path);
      seen.push(...body.items.map(({ sub }) => sub));
      path = /<[^>]*\/admin\/v1([^>]*)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual([...subs].sort());
    const { body } = await server.admin.get<{ items: User[] }>(`${USERS}?q=Member ${mark}&sort=-sub`);
    expect(body.items.map(({ sub }) => sub)).toEqual([...subs].sort().reverse());
  });

  it('gets a 404 for an unknown account', async () => {
    for (const sub of ['nobody', 'a%20b', '%00', '%C3%A9']) {
      expect([400, 404]).toContain((await server.admin.get(`${USERS}/${sub}`)).status);
    }
  });
});

describe('PATCH /users/{sub}', () => {
  it('merges the profile: null removes a member, and the address is merged member by member', async () => {
    const { body } = await create({ name: 'John', nickname: 'Jo', address: { locality: 'Paris', country: 'France' } });
    const changed = await patch(body.sub, { nickname: null, name: 'Johnny', address: { country: null, region: 'Île-de-France' } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ name: 'Johnny', address: { locality: 'Paris', region: 'Île-de-France' } });
    expect(changed.body).not.toHaveProperty('nickname');
    expect(changed.body['address']).not.toHaveProperty('country');
    expect(await eventsAbout(body.sub)).toEqual(['account-created', 'account-changed profile']);
  });

  it('requires If-Match: 428 without it, 412 with an old tag, and one of two concurrent changes succeeds', async () => {
    const { sub } = await aUser(server);
    const etag = await etagOf(sub);
    const without = await server.admin.call('PATCH', `${USERS}/${sub}`, { body: { name: 'A' } });
    expect(without.status).toBe(428);
    const both = await Promise.all([patch(sub, { name: 'B' }, etag), patch(sub, { name: 'C' }, etag)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await patch(sub, { name: 'D' }, etag)).status).toBe(412);
  });

  it('refuses a change of read-only members, and accepts what was read', async () => {
    const { body } = await create({ name: 'John' });
    const { status, body: problem } = await patch<Problem>(body.sub, { sub: 'other', username: 'other', password_hash: 'x', nme: null });
    expect(status).toBe(400);
    expect(problem.errors?.map(({ pointer, rule }) => `${pointer} ${rule}`).sort()).toEqual([
      '/nme unknown-field', '/password_hash unknown-field', '/sub read-only', '/username read-only',
    ]);
    expect((await patch(body.sub, { ...body, name: 'Johnny' })).body['name']).toBe('Johnny');
  });

  it('locks an account: its sessions end, and logins are refused until it is unlocked', async () => {
    const { sub, username, password } = await aUser(server);
    const browser = new Browser(server.url);
    expect((await logIn(username, password, browser)).status).toBe(303);
    expect((await patch(sub, { locked: true })).body['locked']).toBe(true);
    expect((await browser.get('/login')).body).toContain('name="password"');
    const locked = await logIn(username, password);
    const wrong = await logIn(username, 'wrong password');
    expect([locked.status, wrong.status]).toEqual([401, 401]);
    await patch(sub, { locked: false });
    expect((await logIn(username, password)).status).toBe(303);
    expect(await eventsAbout(sub)).toEqual([
      'account-created', 'login-succeeded', 'session-started', 'account-locked', 'session-ended', 'login-failed', 'login-failed',
      'account-changed unlocked', 'login-succeeded', 'session-started',
    ]);
  });

  it('sets a password: the old one is refused, and its sessions end', async () => {
    const { sub, username, password } = await aUser(server);
    const browser = new Browser(server.url);
    await logIn(username, password, browser);
    await patch(sub, { password: 'another password' });
    expect((await browser.get('/login')).body).toContain('name="password"');
    expect((await logIn(username, password)).status).toBe(401);
    expect((await logIn(username, 'another password')).status).toBe(303);
  });
});

describe('DELETE /users/{sub}', () => {
  it('removes the account and its sessions, and never assigns its names again', async () => {
    const { sub, username, password } = await aUser(server, { name: 'Gone Soon', email: 'gone@example.com' });
    const browser = new Browser(server.url);
    await logIn(username, password, browser);
    const removed = await server.admin.call('DELETE', `${USERS}/${sub}`, { headers: { 'if-match': await etagOf(sub) } });
    expect(removed.status).toBe(204);

    expect((await server.admin.get(`${USERS}/${sub}`)).status).toBe(404);
    expect((await browser.get('/login')).body).toContain('name="password"');
    expect((await logIn(username, password)).status).toBe(401);
    expect((await create({ username })).status).toBe(409);
    expect((await create({ sub })).status).toBe(409);
    const rows = await sql(server.databaseUrl, 'SELECT username, password_hash, profile FROM accounts WHERE sub = $1', [sub]);
    expect(rows).toEqual([{ username: null, password_hash: null, profile: {} }]);
    expect((await eventsAbout(sub)).slice(-2)).toEqual(['account-changed removed', 'session-ended']);
  });
});

it('a write with the scope users:read is refused', async () => {
  const reader = await server.admin.newToken('users:read');
  const headers = { authorization: `Bearer ${reader}` };
  expect((await server.admin.get(USERS, headers)).status).toBe(200);
  expect((await server.admin.post(USERS, { username: aName(), password: PASSWORD }, headers)).status).toBe(403);
});
