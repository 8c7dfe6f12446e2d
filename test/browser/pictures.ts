/** `npm run pictures`: takes the screenshots of the README, from a server with the demo and a user with some data. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Admin } from '#test/admin.js';
import { launch, BrowserUser } from '#test/chromium.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import { dataDirectory, REPOSITORY } from '#test/run-program.js';

const PICTURES = join(REPOSITORY, 'docs/pictures');
const SIZE = { width: 640, height: 850 };
/** The issuer in the README. The screenshots are taken at any free port. */
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
  const created = [await admin.post('/users', USER)];
  for (const client of CLIENTS) {
    const terms = { policy_uri: 'https://shop.example/privacy', tos_uri: 'https://shop.example/terms' };
    created.push(await admin.post('/clients', { ...client, ...terms, redirect_uris: [CALLBACK], require_consent: true }));
  }
  const refused = created.filter(({ status }) => status !== 201);
  const problems = refused.map(({ body }) => body);
  if (problems.length > 0) throw new Error(`could not create the data for the screenshots: ${JSON.stringify(problems)}`);
}

async function takeScreenshots(browser: Browser, server: ServerProcess, colorScheme: 'light' | 'dark'): Promise<void> {
  const options = { colorScheme, viewport: SIZE, timezoneId: 'UTC', reducedMotion: 'reduce' } as const;
  const browserUser = await BrowserUser.in(browser, options);
  const { page } = browserUser;
  await page.route(`${CALLBACK}*`, (route) => route.fulfill({ body: 'arrived' }));
  const screenshot = (name: string): Promise<unknown> => page.screenshot({ path: join(PICTURES, `${name}-${colorScheme}.png`) });
  const openAuthorize = (client: string, scope: string): Promise<unknown> => {
    const query = new URLSearchParams({ response_type: 'code', client_id: client, redirect_uri: CALLBACK, scope, prompt: 'consent' });
    return page.goto(`${server.url}/oauth/v2/oauth-authorize?${query.toString()}`);
  };
  await page.goto(server.url);
  await screenshot('home');
  await openAuthorize('shop', 'openid profile email offline_access');
  await page.fill('#username', USER.username);
  await screenshot('login');
  await page.fill('#password', USER.password);
  await browserUser.click('Sign in');
  await page.waitForURL(/\/consent/);
  await screenshot('consent');
  await browserUser.click('Allow');
  await page.waitForURL(`${CALLBACK}*`);
  await openAuthorize('notes', 'openid profile');
  await browserUser.click('Allow');
  await page.waitForURL(`${CALLBACK}*`);
  await page.goto(`${server.url}/account`);
  await screenshot('account');
  await browserUser.close();
}

const data = dataDirectory();
const server = await spawnServer({ GATEHOUSE_DATA: data, GATEHOUSE_ISSUER: SHOWN_ISSUER });
const browser = await launch();
try {
  mkdirSync(PICTURES, { recursive: true });
  await demoData(server);
  for (const colorScheme of ['light', 'dark'] as const) await takeScreenshots(browser, server, colorScheme);
} finally {
  await browser.close();
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
