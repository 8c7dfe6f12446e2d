import { randomBytes } from 'node:crypto';
import { Browser, type Page } from '#test/browser.js';
import { sql } from '#test/database.js';
import { startServer, type TestServer } from '#test/server.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server.close());

const PASSWORD = 'correct horse battery';

function aName(): string {
  return `user-${randomBytes(6).toString('hex')}`;
}

async function signUp(fields: Readonly<Record<string, string>>, browser = new Browser(server.url)): Promise<Page> {
  return browser.submit(await browser.get('/signup'), { password: PASSWORD, ...fields });
}

async function accountsNamed(key: string): Promise<number> {
  return (await sql(server.databaseUrl, 'SELECT 1 FROM accounts WHERE username_key = $1', [key])).length;
}

it('A14: a sign-up creates the account and logs the user in', async () => {
  const username = aName();
  const browser = new Browser(server.url);
  expect((await signUp({ username }, browser)).status).toBe(303);
  expect((await browser.get('/login')).body).not.toContain('name="password"');
  expect((await server.admin.get(`/users/${username}`)).body).toMatchObject({ sub: username, username });
});

it('the answer for a name in use is the same as for a reserved name', async () => {
  const username = aName();
  await signUp({ username });
  const answers: string[] = [];
  for (const name of [username, username.toUpperCase(), 'postmaster', 'Gatehouse']) {
    const { status, body } = await signUp({ username: name });
    expect(status).toBe(400);
    expect(body).toContain('cannot be used; choose another or sign in');
    const variable = /nonce="[^"]*"|name="csrf_token" value="[^"]*"/g;
    answers.push(body.replaceAll(name, 'NAME').replaceAll(variable, ''));
  }
  expect(new Set(answers).size).toBe(1);
});

it('one of 50 concurrent sign-ups with the same name creates an account', async () => {
  const username = aName();
  const answers = await Promise.all(Array.from({ length: 50 }, () => signUp({ username })));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect(answers.every(({ status }) => status < 500)).toBe(true);
  expect(await accountsNamed(username)).toBe(1);
});

it('weak passwords and names with invisible characters are refused, and nothing is stored', async () => {
  const username = aName();
  for (const fields of [{ password: 'short' }, { password: username.toUpperCase() }, { username: `${username}\u200b` }]) {
    expect((await signUp({ username, ...fields })).status).toBe(400);
  }
  expect(await accountsNamed(username)).toBe(0);
});

it('an address that signs up a hundred times gets a 429', async () => {
  const own = await startServer();
  try {
    const browser = new Browser(own.url);
    const form = await browser.get('/signup');
    // The pause after the hundredth attempt is only a second, which may pass on a slow machine.
    own.clock.stop();
    const statuses: number[] = [];
    for (let batch = 0; batch < 11; batch++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => browser.submit(form, { username: aName(), password: PASSWORD })));
      statuses.push(...answers.map(({ status }) => status));
    }
    expect(statuses.filter((status) => status === 303)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  } finally {
    await own.close();
  }
});
