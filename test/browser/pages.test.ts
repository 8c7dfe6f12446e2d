import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { type Callback, listenForCallback } from '#test/callback.js';
import { describeInChromium, launch, Person } from '#test/chromium.js';
import { authorizePath, type Parameters } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/mothers.js';
import { startServer, type TestServer } from '#test/server.js';

const VIEWS = [
  { colorScheme: 'light', width: 390 },
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
  { colorScheme: 'dark', width: 1280 },
] as const;

const HOSTILE = `\u202e<script>alert(1)</script> 👩‍🚀 ${'W'.repeat(160)}`;

jest.setTimeout(60_000);

describeInChromium('the pages in Chromium', () => {
  let server: TestServer;
  let callback: Callback;
  let browser: Browser;
  let client: TestClient;
  let user: TestUser;
  let person: Person;
  beforeAll(async () => {
    server = await startServer();
    callback = await listenForCallback();
    browser = await launch();
    client = await aClient(server, {
      client_name: 'Tide & Timber',
      redirect_uris: ['http://127.0.0.1/callback'],
      require_consent: true,
      policy_uri: 'https://client.example/privacy',
      scope: 'openid profile email offline_access orders:read',
    });
  });
  afterAll(async () => {
    await browser.close();
    await callback.close();
    await server.close();
  });
  beforeEach(async () => {
    user = await aUser(server);
  });
  afterEach(() => person.leave());

  const go = (path: string): Promise<unknown> => person.page.goto(server.url + path);
  const ask = (parameters: Parameters = {}): Promise<unknown> =>
    go(authorizePath(client, { redirect_uri: callback.url, scope: 'openid email orders:read', state: 'of the client', ...parameters }));
  const arrived = (): Promise<void> => person.page.waitForURL(`${callback.url}*`);

  async function expectPage(heading: string): Promise<void> {
    expect(await person.heading()).toBe(heading);
    expect(await person.problems()).toEqual([]);
  }

  async function signIn(): Promise<void> {
    await person.fill({ username: user.username, password: user.password });
    await person.click('Sign in');
  }

  describe.each(VIEWS)('$colorScheme, $width wide', ({ colorScheme, width }) => {
    beforeEach(async () => {
      person = await Person.at(browser, { colorScheme, viewport: { width, height: 800 } });
    });

    it('a newcomer signs up, is told what is wrong, and allows the client what it asks for', async () => {
      await ask();
      await expectPage('Sign in');
      await person.follow('Create account');
      await expectPage('Create account');
      await person.fill({ username: `new-${randomBytes(4).toString('hex')}`, email: 'no address', password: 'short' });
      await person.click('Create account');
      await expectPage('Create account');
      expect(await person.page.locator('#password').getAttribute('aria-invalid')).toBe('true');
      await person.fill({ email: 'new@example.com', password: 'a long password' });
      await person.click('Create account');
      await expectPage('Allow Tide & Timber?');
      await person.click('Allow');
      await arrived();
      expect([callback.received().get('state'), callback.received().has('code')]).toEqual(['of the client', true]);
      expect(person.complaints).toEqual([]);
    });

    it('a wrong password is told, the right one leads on, and a denial goes back to the client', async () => {
      await ask();
      await person.fill({ username: user.username, password: 'wrong' });
      await person.click('Sign in');
      await expectPage('Sign in');
      expect(await person.page.getByRole('alert').innerText()).toBe('The username or the password is wrong.');
      await signIn();
      await expectPage('Allow Tide & Timber?');
      await person.click('Deny');
      await arrived();
      expect(callback.received().get('error')).toBe('access_denied');
    });

    it('the account shows what was allowed, takes it back, changes the password, and the way out ends the session', async () => {
      await ask();
      await signIn();
      await person.click('Allow');
      await arrived();
      await go('/account');
      await expectPage('Your account');
      await person.click('Withdraw what Tide & Timber was allowed');
      await expectPage('Your account');
      expect(await person.page.getByRole('status').innerText()).toBe('The permission is withdrawn.');
      await person.fill({ current: 'wrong', next: 'another password' });
      await person.click('Change password');
      await expectPage('Your account');
      await person.fill({ current: user.password, next: 'another password' });
      await person.click('Change password');
      expect(await person.page.getByRole('status').innerText()).toContain('The password is changed.');
      await go('/login');
      await expectPage('You are signed in');
      await person.follow('Sign out');
      await expectPage('Sign out?');
      await person.click('Sign out');
      await expectPage('You are signed out');
    });

    it('what runs here is told, and errors say what to do', async () => {
      await go('/');
      await expectPage('Gatehouse');
      await go('/oauth/v2/oauth-authorize?client_id=nobody');
      await expectPage('The application sent a request that cannot be answered');
      await go('/nothing');
      await expectPage('Page not found');
    });
  });

  describe('in other languages', () => {
    it.each([
      ['de-DE', 'de', 'Anmelden', 'Tide & Timber erlauben?'],
      ['fr-CA', 'fr', 'Se connecter', 'Autoriser Tide & Timber ?'],
    ])('%s is spoken, and the page says that it is %s', async (locale, lang, login, consent) => {
      person = await Person.at(browser, { locale, viewport: { width: 390, height: 800 } });
      await ask();
      expect(await person.page.locator('html').getAttribute('lang')).toBe(lang);
      await expectPage(login);
      await person.fill({ username: user.username, password: user.password });
      await person.click(login);
      await expectPage(consent);
      await go('/account');
      expect(await person.problems()).toEqual([]);
    });

    it('ui_locales of the request comes before what the browser prefers', async () => {
      person = await Person.at(browser, { locale: 'fr' });
      await ask({ ui_locales: 'nl de' });
      await expectPage('Anmelden');
    });
  });

  it('a long and hostile name stays inside its place', async () => {
    person = await Person.at(browser, { viewport: { width: 390, height: 800 } });
    const hostile = await aClient(server, { client_name: HOSTILE, redirect_uris: ['http://127.0.0.1/callback'], require_consent: true });
    await go(authorizePath(hostile, { redirect_uri: callback.url }));
    expect(await person.problems()).toEqual([]);
    await signIn();
    await person.page.waitForURL(/\/consent/);
    expect(await person.heading()).toContain('<script>alert(1)</script>');
    expect(await person.heading()).not.toContain('\u202e');
    expect(await person.problems()).toEqual([]);
  });

  it('what these tests look for would be found', async () => {
    person = await Person.at(browser, { viewport: { width: 390, height: 800 } });
    await go('/login');
    await person.page.evaluate(`document.querySelector('label').remove();
      document.querySelector('main').style.width = '500px';
      document.body.append(Object.assign(document.createElement('img'), { src: 'https://elsewhere.example/logo.png', alt: '' }))`);
    const problems = (await person.problems()).join('\n');
    expect(problems).toMatch(/^label: /m);
    expect(problems).toMatch(/^\d+ pixels too wide$/m);
    expect(problems).toMatch(/Content Security Policy/);
  });

  it('the keyboard alone is enough, and shows where it is', async () => {
    person = await Person.at(browser, {});
    await ask();
    const { keyboard } = person.page;
    await keyboard.press('Tab');
    await keyboard.type(user.username);
    await keyboard.press('Tab');
    await keyboard.type(user.password);
    await keyboard.press('Tab');
    const focus = await person.page.evaluate<string[]>(
      '[document.activeElement.textContent, getComputedStyle(document.activeElement).outlineStyle]',
    );
    expect(focus).toEqual(['Sign in', 'solid']);
    await keyboard.press('Enter');
    await person.page.waitForURL(/\/consent/);
    expect(await person.heading()).toBe('Allow Tide & Timber?');
  });

  it('A19: form_post arrives by itself, past the policy of the page', async () => {
    person = await Person.at(browser, {});
    await ask({ response_mode: 'form_post' });
    await signIn();
    await person.click('Allow');
    await arrived();
    expect(callback.received().has('code')).toBe(true);
    expect(person.complaints).toEqual([]);
  });

  it('without JavaScript everything works, form_post by its button', async () => {
    person = await Person.at(browser, { javaScriptEnabled: false });
    await ask({ response_mode: 'form_post' });
    await person.fill({ username: user.username, password: 'wrong' });
    await person.click('Sign in');
    await signIn();
    await person.click('Allow');
    await person.click('Continue');
    await arrived();
    expect(callback.received().get('state')).toBe('of the client');
    await go('/account');
    expect(await person.heading()).toBe('Your account');
    await person.follow('Sign out');
    await person.click('Sign out');
    expect(await person.heading()).toBe('You are signed out');
  });
});
