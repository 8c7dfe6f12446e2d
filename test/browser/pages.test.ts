import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { type Callback, listenForCallback } from '#test/callback.js';
import { describeInChromium, launch, BrowserUser } from '#test/chromium.js';
import { authorizePath, type Parameters } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
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
  let browserUser: BrowserUser;
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
  afterEach(() => browserUser.close());

  const open = (path: string): Promise<unknown> => browserUser.page.goto(server.url + path);
  const openAuthorize = (parameters: Parameters = {}): Promise<unknown> =>
    open(authorizePath(client, { redirect_uri: callback.url, scope: 'openid email orders:read', state: 'of the client', ...parameters }));
  const untilRedirected = (): Promise<void> => browserUser.page.waitForURL(`${callback.url}*`);

  async function expectPage(heading: string): Promise<void> {
    expect(await browserUser.heading()).toBe(heading);
    expect(await browserUser.problems()).toEqual([]);
  }

  async function signIn(): Promise<void> {
    await browserUser.fill({ username: user.username, password: user.password });
    await browserUser.click('Sign in');
  }

  describe.each(VIEWS)('$colorScheme, $width wide', ({ colorScheme, width }) => {
    beforeEach(async () => {
      browserUser = await BrowserUser.in(browser, { colorScheme, viewport: { width, height: 800 } });
    });

    it('a new user sees what is wrong with the sign-up, signs up, and gives consent', async () => {
      await openAuthorize();
      await expectPage('Sign in');
      await browserUser.follow('Create account');
      await expectPage('Create account');
      await browserUser.fill({ username: `new-${randomBytes(4).toString('hex')}`, email: 'no address', password: 'short' });
      await browserUser.click('Create account');
      await expectPage('Create account');
      expect(await browserUser.page.locator('#password').getAttribute('aria-invalid')).toBe('true');
      await browserUser.fill({ email: 'new@example.com', password: 'a long password' });
      await browserUser.click('Create account');
      await expectPage('Allow Tide & Timber?');
      await browserUser.click('Allow');
      await untilRedirected();
      expect([callback.received().get('state'), callback.received().has('code')]).toEqual(['of the client', true]);
      expect(browserUser.loggedProblems).toEqual([]);
    });

    it('a wrong password is reported, the right one leads to consent, and a denial redirects to the client', async () => {
      await openAuthorize();
      await browserUser.fill({ username: user.username, password: 'wrong' });
      await browserUser.click('Sign in');
      await expectPage('Sign in');
      expect(await browserUser.page.getByRole('alert').innerText()).toBe('The username or the password is wrong.');
      await signIn();
      await expectPage('Allow Tide & Timber?');
      await browserUser.click('Deny');
      await untilRedirected();
      expect(callback.received().get('error')).toBe('access_denied');
    });

    it('a user withdraws a consent on the account page, changes the password, and signs out', async () => {
      await openAuthorize();
      await signIn();
      await browserUser.click('Allow');
      await untilRedirected();
      await open('/account');
      await expectPage('Your account');
      await browserUser.click('Withdraw what Tide & Timber was allowed');
      await expectPage('Your account');
      expect(await browserUser.page.getByRole('status').innerText()).toBe('The permission is withdrawn.');
      await browserUser.fill({ current: 'wrong', next: 'another password' });
      await browserUser.click('Change password');
      await expectPage('Your account');
      await browserUser.fill({ current: user.password, next: 'another password' });
      await browserUser.click('Change password');
      expect(await browserUser.page.getByRole('status').innerText()).toContain('The password is changed.');
      await open('/login');
      await expectPage('You are signed in');
      await browserUser.follow('Sign out');
      await expectPage('Sign out?');
      await browserUser.click('Sign out');
      await expectPage('You are signed out');
    });

    it('the start page and the error pages have no problems', async () => {
      await open('/');
      await expectPage('Gatehouse');
      await open('/oauth/v2/oauth-authorize?client_id=nobody');
      await expectPage('The application sent a request that cannot be answered');
      await open('/nothing');
      await expectPage('Page not found');
    });
  });

  describe('in other languages', () => {
    it.each([
      ['de-DE', 'de', 'Anmelden', 'Tide & Timber erlauben?'],
      ['fr-CA', 'fr', 'Se connecter', 'Autoriser Tide & Timber ?'],
    ])('a browser with %s gets the pages in %s', async (locale, lang, login, consent) => {
      browserUser = await BrowserUser.in(browser, { locale, viewport: { width: 390, height: 800 } });
      await openAuthorize();
      expect(await browserUser.page.locator('html').getAttribute('lang')).toBe(lang);
      await expectPage(login);
      await browserUser.fill({ username: user.username, password: user.password });
      await browserUser.click(login);
      await expectPage(consent);
      await open('/account');
      expect(await browserUser.problems()).toEqual([]);
    });

    it('ui_locales of the request has precedence over the language of the browser', async () => {
      browserUser = await BrowserUser.in(browser, { locale: 'fr' });
      await openAuthorize({ ui_locales: 'nl de' });
      await expectPage('Anmelden');
    });
  });

  it('a long and hostile client name is escaped and does not break the layout', async () => {
    browserUser = await BrowserUser.in(browser, { viewport: { width: 390, height: 800 } });
    const hostile = await aClient(server, { client_name: HOSTILE, redirect_uris: ['http://127.0.0.1/callback'], require_consent: true });
    await open(authorizePath(hostile, { redirect_uri: callback.url }));
    expect(await browserUser.problems()).toEqual([]);
    await signIn();
    await browserUser.page.waitForURL(/\/consent/);
    expect(await browserUser.heading()).toContain('<script>alert(1)</script>');
    expect(await browserUser.heading()).not.toContain('\u202e');
    expect(await browserUser.problems()).toEqual([]);
  });

  it('problems() finds a missing label, an element that is too wide, and a violation of the Content Security Policy', async () => {
    browserUser = await BrowserUser.in(browser, { viewport: { width: 390, height: 800 } });
    await open('/login');
    await browserUser.page.evaluate(`document.querySelector('label').remove();
      document.querySelector('main').style.width = '500px';
      document.body.append(Object.assign(document.createElement('img'), { src: 'https://elsewhere.example/logo.png', alt: '' }))`);
    const problems = (await browserUser.problems()).join('\n');
    expect(problems).toMatch(/^label: /m);
    expect(problems).toMatch(/^\d+ pixels too wide$/m);
    expect(problems).toMatch(/Content Security Policy/);
  });

  it('the login works with the keyboard alone, and the focus is visible', async () => {
    browserUser = await BrowserUser.in(browser, {});
    await openAuthorize();
    const { keyboard } = browserUser.page;
    await keyboard.press('Tab');
    await keyboard.type(user.username);
    await keyboard.press('Tab');
    await keyboard.type(user.password);
    await keyboard.press('Tab');
    const focus = await browserUser.page.evaluate<string[]>(
      '[document.activeElement.textContent, getComputedStyle(document.activeElement).outlineStyle]',
    );
    expect(focus).toEqual(['Sign in', 'solid']);
    await keyboard.press('Enter');
    await browserUser.page.waitForURL(/\/consent/);
    expect(await browserUser.heading()).toBe('Allow Tide & Timber?');
  });

  it('A19: form_post is sent without a click, as the Content Security Policy of the page allows', async () => {
    browserUser = await BrowserUser.in(browser, {});
    await openAuthorize({ response_mode: 'form_post' });
    await signIn();
    await browserUser.click('Allow');
    await untilRedirected();
    expect(callback.received().has('code')).toBe(true);
    expect(browserUser.loggedProblems).toEqual([]);
  });

  it('all pages work without JavaScript, and form_post has a button', async () => {
    browserUser = await BrowserUser.in(browser, { javaScriptEnabled: false });
    await openAuthorize({ response_mode: 'form_post' });
    await browserUser.fill({ username: user.username, password: 'wrong' });
    await browserUser.click('Sign in');
    await signIn();
    await browserUser.click('Allow');
    await browserUser.click('Continue');
    await untilRedirected();
    expect(callback.received().get('state')).toBe('of the client');
    await open('/account');
    expect(await browserUser.heading()).toBe('Your account');
    await browserUser.follow('Sign out');
    await browserUser.click('Sign out');
    expect(await browserUser.heading()).toBe('You are signed out');
  });
});
