import { createHash } from 'node:crypto';
import { Browser } from '#test/browser.js';
import { authorize, authorizePath, logIn, obtainCode, redeem } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

describe('pages', () => {
  let server: TestServer;
  let client: TestClient;
  let user: TestUser;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server);
    user = await aUser(server);
  });
  afterAll(() => server.close());
  beforeEach(() => {
    browser = new Browser(server.url);
  });

  it('A12: a request without a session leads to the login page and then to the client, with a code that can be redeemed', async () => {
    const code = await obtainCode({ server, client, user, browser });
    expect(await redeem(server, client, code)).toMatchObject({ status: 200, body: { token_type: 'bearer' } });
  });

  it('A14: “Create account” keeps the request, and the new user continues with it', async () => {
    const login = await browser.follow(await browser.get(authorizePath(client)));
    const signUp = await browser.get(/href="([^"]*\/signup[^"]*)"/.exec(login.body)?.[1] ?? '');
    const page = await browser.submit(signUp, { username: 'newcomer', password: 'correct horse battery', name: 'New Comer' });
    expect([page.status, page.location?.startsWith(client.redirect_uri)]).toEqual([303, true]);
    expect(page.redirected.get('code')).toMatch(/.+/);
  });

  it('a refused sign-up shows what is wrong and keeps the fields, except the password', async () => {
    const page = await browser.submit(await browser.get('/signup'), { username: 'someone', password: 'x', email: 'a@example.com' });
    expect(page.status).toBe(400);
    expect(page.body).toContain('class="problem"');
    expect(page.form().fields).toMatchObject({ username: 'someone', email: 'a@example.com', password: '' });
  });

  it('a wrong password and an unknown username show the form again with the same sentence', async () => {
    const login = await browser.get('/login');
    const wrong = await browser.submit(login, { username: user.username, password: 'wrong' });
    const unknown = await browser.submit(login, { username: 'nobody-of-that-name', password: 'wrong' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body).toContain('The username or the password is wrong.');
    expect(unknown.body).toContain('The username or the password is wrong.');
    expect(wrong.form().fields).toMatchObject({ username: user.username, password: '' });
  });

  it('login_hint is filled in as the username', async () => {
    const page = await browser.follow(await browser.get(authorizePath(client, { login_hint: 'jane' })));
    expect(page.form().fields['username']).toBe('jane');
  });

  describe('cookies', () => {
    it('are HttpOnly and SameSite=Lax, and the session cookie is replaced at every login', async () => {
      const page = await logIn(browser, await browser.get('/login'), user);
      const first = browser.cookies.get('gatehouse-session');
      for (const line of page.headers.getSetCookie()) expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
      await logIn(browser, await browser.follow(await browser.get(authorizePath(client, { prompt: 'login' }))), user);
      expect(browser.cookies.get('gatehouse-session')).not.toBe(first);
    });

    it('have Secure and the prefix __Host- with an https issuer, and the page has HSTS', async () => {
      const secure = await startServer({ env: { GATEHOUSE_ISSUER: 'https://id.company.test' } });
      const page = await new Browser(secure.url).get('/login');
      await secure.close();
      const lines = page.headers.getSetCookie();
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) expect(line).toMatch(/^__Host-gatehouse-\w+=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
      expect(page.headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
    });
  });

  it('the path of the issuer is in every link and form, whether or not the proxy removes it', async () => {
    const tenant = await startServer({ env: { GATEHOUSE_ISSUER: 'http://localhost:9000/tenant' } });
    const visitor = new Browser(tenant.url);
    const [passed, stripped] = [await visitor.get('/tenant/login'), await visitor.get('/login')];
    const sent = await visitor.submit(passed, { username: 'nobody', password: 'wrong' });
    await tenant.close();
    expect([passed.form().action, stripped.form().action, sent.status]).toEqual(['/tenant/login', '/tenant/login', 401]);
    expect(passed.body).toContain('href="/tenant/signup"');
  });

  describe('CSRF', () => {
    it.each(['/login', '/signup', '/consent', '/logout'])('a form without a CSRF token gets a 403 page at %s', async (path) => {
      await browser.get('/login');
      const page = await browser.post(path, { username: user.username, password: user.password });
      expect([page.status, page.location]).toEqual([403, undefined]);
      expect(page.body).toMatch(/reload the page and try again/);
    });

    it('the CSRF token of another browser is refused, even with its cookie', async () => {
      const other = new Browser(server.url);
      const { fields } = (await other.get('/login')).form();
      await browser.get('/login');
      browser.cookies.set('gatehouse-csrf', other.cookies.get('gatehouse-csrf') ?? '');
      const page = await browser.post('/login', { ...fields, username: user.username, password: user.password });
      expect(page.status).toBe(403);
    });
  });

  describe('handles', () => {
    it.each(['/login', '/signup', '/consent'])('an unknown handle gets a 400 page at %s', async (path) => {
      const page = await browser.get(`${path}?request=unknown`);
      expect(page.status).toBe(400);
      expect(page.body).toContain('go back to the application');
    });

    it('the handle of another browser is refused like an unknown one', async () => {
      const { location = '' } = await browser.get(authorizePath(client));
      expect((await new Browser(server.url).get(location)).status).toBe(400);
    });
  });

  describe('logout', () => {
    it('asks for confirmation, then ends the session and deletes its cookie', async () => {
      await logIn(browser, await browser.get('/login'), user);
      expect((await browser.get('/login')).body).toContain('You are signed in');
      const secret = browser.cookies.get('gatehouse-session') ?? '';
      const page = await browser.submit(await browser.get('/logout'));
      expect([page.status, browser.cookies.has('gatehouse-session')]).toEqual([200, false]);
      const replayed = await new Browser(server.url).get('/login', { cookie: `gatehouse-session=${secret}` });
      expect(replayed.body).not.toContain('You are signed in');
    });
  });

  describe('headers', () => {
    it.each(['/login', '/signup', '/logout', '/nothing', '/oauth/v2/oauth-authorize'])('are strict at %s', async (path) => {
      const { headers } = await browser.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"]) {
        expect(policy).toContain(part);
      }
      expect(policy).toContain("style-src 'self'");
      expect(policy).not.toMatch(/script-src|unsafe/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
    });

    it('let browsers cache the stylesheet for ever, whose name changes with its content', async () => {
      const path = /<link rel="stylesheet" href="([^"]+)"/.exec((await browser.get('/login')).body)?.[1] ?? '';
      const { status, headers, body } = await browser.get(path);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8']);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(path).toContain(createHash('sha256').update(body).digest('base64url').slice(0, 12));
      expect((await browser.get('/styles/another.css')).status).toBe(404);
    });

    it('allow the form of a request to redirect to its client, which browsers would block otherwise', async () => {
      const native = await aClient(server, { redirect_uris: ['com.example.app:/callback', 'http://127.0.0.1/callback'] });
      const page = await browser.follow(await browser.get(authorizePath(native)));
      expect(page.headers.get('content-security-policy')).toContain("form-action 'self' com.example.app: http://127.0.0.1:*;");
    });
  });

  it('a hostile client name and login hint are shown and not executed', async () => {
    const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
    const shown = await aClient(server, { client_name: hostile });
    const page = await browser.follow(await browser.get(authorizePath(shown, { login_hint: hostile })));
    expect(page.status).toBe(200);
    expect(page.body).toContain('&lt;script&gt;alert(1)');
    expect(page.body).not.toMatch(/<script|<img/);
    expect(page.form().fields['username']).toBe(hostile);
  });

  it('A19: form_post is a form that is sent to the client by a script or a button', async () => {
    const state = '"><script>alert(1)</script>';
    const page = await authorize({ server, client, user, browser, parameters: { response_mode: 'form_post', state } });
    expect(page.status).toBe(200);
    expect(page.form()).toMatchObject({ action: client.redirect_uri, fields: { state, code: expect.stringMatching(/.+/) } });
    const scripts = [...page.body.matchAll(/<script>([^<]*)<\/script>/g)].map(([, script = '']) => script);
    expect(page.body.match(/<script/g)).toHaveLength(1);
    const hash = createHash('sha256').update(scripts[0] ?? '').digest('base64');
    expect(page.headers.get('content-security-policy')?.endsWith(`;script-src 'sha256-${hash}'`)).toBe(true);
    expect(page.body).toContain('<noscript><button type="submit">');
  });

  it('A23, A18: the consent page names the client and the scopes, and a denial redirects with access_denied', async () => {
    const asking = await aClient(server, { require_consent: true, client_name: 'Asking & Co' });
    await logIn(browser, await browser.get('/login'), user);
    const page = await browser.follow(await browser.get(authorizePath(asking, { scope: 'openid email', state: 's' })));
    expect(page.body).toContain('Asking &amp; Co');
    expect(page.body.match(/<li>/g)).toHaveLength(2);
    const denied = await browser.submit(page, { decision: 'deny' });
    expect([denied.status, denied.redirected.get('error'), denied.redirected.get('state')]).toEqual([303, 'access_denied', 's']);
  });
});
