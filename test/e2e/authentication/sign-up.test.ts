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

it('A14 creates the account and logs it in', async () => {
  const username = aName();
  const browser = new Browser(server.url);
  expect((await signUp({ username }, browser)).status).toBe(303);
  expect((await browser.get('/login')).body).not.toContain('name="password"');
  expect((await server.admin.get(`/users/${username}`)).body).toMatchObject({ sub: username, username });
});

it('says the same of a name that is taken and of one that is reserved', async () => {
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

it('makes one account out of 50 sign-ups for one name at the same time', async () => {
  const username = aName();
  const answers = await Promise.all(Array.from({ length: 50 }, () => signUp({ username })));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  expect(answers.every(({ status }) => status < 500)).toBe(true);
  expect(await accountsNamed(username)).toBe(1);
});

it('refuses weak passwords and names that look like others, and stores nothing', async () => {
  const username = aName();
  for (const fields of [{ password: 'short' }, { password: username.toUpperCase() }, { username: `${username}\u200b` }]) {
    expect((await signUp({ username, ...fields })).status).toBe(400);
  }
  expect(await accountsNamed(username)).toBe(0);
});

it('slows an address down that signs up without end', async () => {
  const own = await startServer();
  try {
    const browser = new Browser(own.url);
    const form = await browser.get('/signup');
    // The hundredth attempt leads to a pause of a second, which a slow machine may let pass.
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
