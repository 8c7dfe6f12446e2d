import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { describeInChromium, launch, BrowserUser } from '#test/chromium.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';

describeInChromium('the demo in Chromium', () => {
  let directory: string;
  let server: ServerProcess;
  let browser: Browser;
  let browserUser: BrowserUser;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
    server = await spawnServer({ GATEHOUSE_DATA: directory });
    browser = await launch();
    browserUser = await BrowserUser.in(browser, {});
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it('leads from the start page to a code, with the user that the first start printed', async () => {
    const { page } = browserUser;
    // Nothing listens at the redirect URI of the demo client; a user reads the code in the address bar.
    await page.route('http://localhost/callback*', (route) => route.fulfill({ body: 'arrived' }));
    await page.goto(server.url);
    expect(await browserUser.problems()).toEqual([]);
    await browserUser.follow('Start the demo');
    const password = /Demo user +johndoe, password (\S+)/.exec(server.output())?.[1] ?? '';
    await browserUser.fill({ username: 'johndoe', password });
    await browserUser.click('Sign in');
    await page.waitForURL(/\/consent/);
    expect(await browserUser.heading()).toBe('Allow Demo?');
    expect(await browserUser.problems()).toEqual([]);
    await browserUser.click('Allow');
    await page.waitForURL('http://localhost/callback?*');
    expect(new URL(page.url()).searchParams.get('code')).toMatch(/.+/);
  }, 60_000);
});
