import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { describeInChromium, launch, Person } from '#test/chromium.js';
import { type ServerProcess, spawnServer } from '#test/process.js';

describeInChromium('the demo in Chromium', () => {
  let directory: string;
  let server: ServerProcess;
  let browser: Browser;
  let person: Person;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
    server = await spawnServer({ GATEHOUSE_DATA: directory });
    browser = await launch();
    person = await Person.at(browser, {});
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }, 60_000);

  it('leads from what runs here to a code, with the user that the first start printed', async () => {
    const { page } = person;
    // Nothing listens at the redirect URI of the demo client: its owner is the reader of the address bar.
    await page.route('http://localhost/callback*', (route) => route.fulfill({ body: 'arrived' }));
    await page.goto(server.url);
    expect(await person.problems()).toEqual([]);
    await person.follow('Start the demo');
    const password = /Demo user +johndoe, password (\S+)/.exec(server.output())?.[1] ?? '';
    await person.fill({ username: 'johndoe', password });
    await person.click('Sign in');
    await page.waitForURL(/\/consent/);
    expect(await person.heading()).toBe('Allow Demo?');
    expect(await person.problems()).toEqual([]);
    await person.click('Allow');
    await page.waitForURL('http://localhost/callback?*');
    expect(new URL(page.url()).searchParams.get('code')).toMatch(/.+/);
  }, 60_000);
});
