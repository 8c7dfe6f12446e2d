import { setTimeout as wait } from 'node:timers/promises';
import { Browser, type Page } from '#test/browser.js';
import { authorize, authorizePath, logIn, obtainCode, redeem, refresh, type TokenAnswer } from '#test/flow.js';
import { aClient, aUser, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { aLoggedInBrowser } from '#test/authorization-requests.js';

describe('the account page', () => {
  let server: TestServer;
  let user: TestUser;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    user = await aUser(server);
    browser = await aLoggedInBrowser(server, user);
  });

  const isSignedIn = async (one: Browser): Promise<boolean> => (await one.get('/account')).status === 200;

  /** Sends the form that posts to this path; `more` overrides its fields. */
  async function send(to: string, more: Readonly<Record<string, string>> = {}, by = browser): Promise<Page> {
    const { body } = await by.get('/account');
    const [, form = ''] = new RegExp(`action="/account/${to}"[^>]*>([\\s\\S]*?)</form>`).exec(body) ?? [];
    const inputs = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
    return by.post(`/account/${to}`, { ...(Object.fromEntries(inputs) as Record<string, string>), ...more });
  }

  it('requires a login, and is shown after it', async () => {
    const visitor = new Browser(server.url);
    const login = await visitor.follow(await visitor.get('/account'));
    const refused = await logIn(visitor, login, { ...user, password: 'wrong' });
    expect((await logIn(visitor, refused, user)).location).toBe('/account');
  });

  it('is shown after a sign-up that began there, also at the second attempt', async () => {
    const visitor = new Browser(server.url);
    const login = await visitor.follow(await visitor.get('/account'));
    const signUp = await visitor.get(/href="(\/signup[^"]*)"/.exec(login.body)?.[1] ?? '');
    expect(signUp.body).toContain('href="/login?return=/account"');
    const refused = await visitor.submit(signUp, { username: 'newcomer', password: 'short' });
    expect(refused.status).toBe(400);
    expect((await visitor.submit(refused, { username: 'newcomer', password: 'correct horse battery' })).location).toBe('/account');
    expect(await isSignedIn(visitor)).toBe(true);
  });

  it.each(['https://evil.example', '//evil.example', '/account/../..', 'account'])('a login never redirects to %s', async (target) => {
    const visitor = new Browser(server.url);
    const page = await visitor.get(`/login?return=${encodeURIComponent(target)}`);
    expect(page.body).not.toContain('evil');
    const answer = await visitor.submit(page, { username: user.username, password: user.password, return: target });
    expect(answer.location).toBe('/login');
  });

  it('a sign-up never redirects to another site', async () => {
    const visitor = new Browser(server.url);
    const page = await visitor.get('/signup?return=https://evil.example');
    expect(page.body).not.toContain('evil');
    const fields = { username: 'passer-by', password: 'correct horse battery', return: 'https://evil.example' };
    expect((await visitor.submit(page, fields)).location).toBe('/login');
  });

  describe('sessions', () => {
    it('a user can end another session and keeps the current one', async () => {
      const other = await aLoggedInBrowser(server, user);
      const answer = await send('end-session');
      expect([answer.status, answer.location]).toEqual([303, '/account?done=session']);
      expect([await isSignedIn(browser), await isSignedIn(other)]).toEqual([true, false]);
    });

    it('a user cannot end the session of another user; a malformed ID is ignored', async () => {
      const other = await aUser(server);
      const theirs = [await aLoggedInBrowser(server, other), await aLoggedInBrowser(server, other)] as const;
      const sid = /name="sid" value="([^"]+)"/.exec((await theirs[0].get('/account')).body)?.[1] ?? '';
      expect(sid).toMatch(/^[0-9a-f-]{36}$/);
      await aLoggedInBrowser(server, user);
      for (const value of [sid, 'x', '']) expect((await send('end-session', { sid: value })).status).toBe(303);
      expect([await isSignedIn(theirs[0]), await isSignedIn(theirs[1])]).toEqual([true, true]);
    });
  });

  describe('consents', () => {
    /** Repeats the refresh until the withdrawal has revoked the grant. */
    async function refusedRefresh(attempt: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
      let answer = await attempt();
      for (let tries = 0; answer.status === 200 && tries < 100; tries += 1) {
        await wait(50);
        answer = await attempt();
      }
      return answer;
    }

    it('are shown with their scopes in a fixed order', async () => {
      const client = await aClient(server, { require_consent: true, scope: 'openid profile email phone orders:read orders:erase' });
      for (const scope of ['orders:read email', 'phone openid orders:erase', 'email profile openid']) {
        await authorize({ server, client, user, browser, parameters: { scope } });
      }
      const known = ['Know who you are', 'See your profile', 'See your e-mail address', 'See your phone number'];
      const shown = [...known, 'orders:erase', 'orders:read'];
      expect((await browser.get('/account')).body).toContain(`<span>${shown.join(' · ')}</span>`);
    });

    it('a withdrawn consent ends its tokens and codes, and the client must ask again', async () => {
      const client = await aClient(server, { require_consent: true, refresh_token_grace: 0 });
      const tokens = await redeem(server, client, await obtainCode({ server, client, user, browser }));
      const unredeemed = (await authorize({ server, client, user, browser })).redirected.get('code') ?? '';
      const answer = await send('withdraw-consent');
      expect(answer.location).toBe('/account?done=consent');
      expect((await redeem(server, client, unredeemed)).body['error']).toBe('invalid_grant');
      let token = String(tokens.body['refresh_token']);
      const refused = await refusedRefresh(async () => {
        const next = await refresh(server, client, token);
        if (next.status === 200) token = String(next.body['refresh_token']);
        return next;
      });
      expect(refused.body['error']).toBe('invalid_grant');
      expect((await browser.get(authorizePath(client))).location).toMatch(/^\/consent\?/);
      const { body } = await server.admin.get('/events?types=gatehouse.authorization.consent-withdrawn.v1&limit=200');
      expect(JSON.stringify(body)).toContain(user.sub);
    });

    it('a user cannot withdraw the consent of another user', async () => {
      const client = await aClient(server, { require_consent: true });
      await authorize({ server, client, user, browser });
      const other = await aLoggedInBrowser(server, await aUser(server));
      const { fields } = (await other.get('/account')).form();
      await other.post('/account/withdraw-consent', { ...fields, client_id: client.client_id });
      expect((await browser.get(authorizePath(client))).redirected.get('code')).not.toBeNull();
    });
  });

  describe('the password', () => {
    const next = 'another good password';

    it('can be changed: other sessions end, this one gets a new secret, and the old password is refused', async () => {
      const other = await aLoggedInBrowser(server, user);
      const secret = browser.cookies.get('gatehouse-session');
      const answer = await send('change-password', { current: user.password, next });
      expect([answer.status, answer.location]).toEqual([303, '/account?done=password']);
      expect([await isSignedIn(browser), await isSignedIn(other)]).toEqual([true, false]);
      expect(browser.cookies.get('gatehouse-session')).not.toBe(secret);
      const visitor = new Browser(server.url);
      const refused = await logIn(visitor, await visitor.get('/login'), user);
      expect([refused.status, (await logIn(visitor, refused, { ...user, password: next })).status]).toEqual([401, 303]);
    });

    it.each([
      [{ current: 'wrong', next }, 'The current password is wrong.'],
      [{ current: '', next }, 'The current password is wrong.'],
      [{ next: 'short' }, 'Use at least 8 characters.'],
    ])('is not changed for %j, and the page says why', async (typed, sentence) => {
      const answer = await send('change-password', { current: user.password, ...typed });
      expect(answer.status).toBe(400);
      expect(answer.body).toContain(sentence);
      expect(answer.body).not.toContain(user.password);
      expect((await aLoggedInBrowser(server, user)).cookies.has('gatehouse-session')).toBe(true);
    });

    it('is throttled like the password of a login', async () => {
      const attempts: number[] = [];
      for (let count = 0; count < 12; count += 1) attempts.push((await send('change-password', { current: 'wrong', next })).status);
      expect(attempts.slice(0, 10)).toEqual(Array<number>(10).fill(400));
      expect(attempts.at(-1)).toBe(429);
      const visitor = new Browser(server.url);
      expect((await logIn(visitor, await visitor.get('/login'), user)).status).toBe(429);
    });
  });

  it.each(['end-session', 'withdraw-consent', 'change-password'])('%s without the CSRF token is refused', async (path) => {
    expect((await browser.post(`/account/${path}`, { current: user.password })).status).toBe(403);
    expect((await new Browser(server.url).post(`/account/${path}`, {})).status).toBe(403);
  });
});
