/** `npm run pictures`: takes the pictures of the README anew, of a server with the demo and a user who has used it for a while. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Admin } from '#test/admin.js';
import { launch, Person } from '#test/chromium.js';
import { type ServerProcess, spawnServer } from '#test/process.js';
import { dataDirectory, REPOSITORY } from '#test/start.js';

const PICTURES = join(REPOSITORY, 'docs/pictures');
const SIZE = { width: 640, height: 850 };
/** As the README has it; the pictures are taken at whatever port is free. */
const SHOWN_ISSUER = 'http://localhost:9000';
const CALLBACK = 'http://localhost/callback';
const USER = { username: 'jane', password: 'correct horse battery', name: 'Jane Doe', email: 'jane@example.com' };
const CLIENTS = [
  { client_id: 'shop', client_name: 'Tide & Timber', scope: 'openid profile email offline_access' },
  { client_id: 'notes', client_name: 'Notebook', scope: 'openid profile' },
] as const;

type Browser = Awaited<ReturnType<typeof launch>>;

async function demoData(server: ServerProcess): Promise<void> {
  const [, secret = ''] = /client admin, secret (\S+)/.exec(server.output()) ?? [];
  const admin = new Admin(server.url, secret);
  const made = [await admin.post('/users', USER)];
  for (const client of CLIENTS) {
    const terms = { policy_uri: 'https://shop.example/privacy', tos_uri: 'https://shop.example/terms' };
    made.push(await admin.post('/clients', { ...client, ...terms, redirect_uris: [CALLBACK], require_consent: true }));
  }
  const refused = made.filter(({ status }) => status !== 201);
  if (refused.length > 0) throw new Error(`the data for the pictures were refused: ${JSON.stringify(refused.map(({ body }) => body))}`);
}

async function take(browser: Browser, server: ServerProcess, colorScheme: 'light' | 'dark'): Promise<void> {
  const options = { colorScheme, viewport: SIZE, timezoneId: 'UTC', reducedMotion: 'reduce' } as const;
  const person = await Person.at(browser, options);
  const { page } = person;
  await page.route(`${CALLBACK}*`, (route) => route.fulfill({ body: 'arrived' }));
  const picture = (name: string): Promise<unknown> => page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`) });
  const ask = (client: string, scope: string): Promise<unknown> => {
    const query = new URLSearchParams({ response_type: 'code', client_id: client, redirect_uri: CALLBACK, scope, prompt: 'consent' });
    return page.goto(`${server.url}/oauth/v2/oauth-authorize?${query.toString()}`);
  };
  await page.goto(server.url);
  await picture('home');
  await ask('shop', 'openid profile email offline_access');
  await page.fill('#username', USER.username);
  await picture('login');
  await page.fill('#password', USER.password);
  await person.click('Sign in');
  await page.waitForURL(/\/consent/);
  await picture('consent');
  await person.click('Allow');
  await page.waitForURL(`${CALLBACK}*`);
  await ask('notes', 'openid profile');
  await person.click('Allow');
  await page.waitForURL(`${CALLBACK}*`);
  await page.goto(`${server.url}/account`);
  await picture('account');
  await person.leave();
}

const data = dataDirectory();
const server = await spawnServer({ GATEHOUSE_DATA: data, GATEHOUSE_ISSUER: SHOWN_ISSUER });
const browser = await launch();
try {
  mkdirSync(PICTURES, { recursive: true });
  await demoData(server);
  for (const colorScheme of ['light', 'dark'] as const) await take(browser, server, colorScheme);
} finally {
  await browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
