import { Browser, type Page } from '#test/browser.js';
import { authorizePath, logIn, obtainCode, type Parameters } from '#test/flow.js';
import { aClient, aUser, REDIRECT_URI, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { obtainTokens } from '#test/tokens.js';
import { aLoggedInBrowser, handleOf, outcomeOf } from '#test/authorization-requests.js';

const HOUR = 3600;

describe('an authorization request that needs a login', () => {
  let server: TestServer;
  let client: TestClient;
  let user: TestUser;
  let other: TestUser;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server);
    [user, other] = [await aUser(server), await aUser(server)];
  });
  afterAll(() => server.close());
  beforeEach(() => {
    browser = new Browser(server.url);
  });

  const send = (parameters: Parameters = {}, by = browser) => by.get(authorizePath(client, parameters));
  const loginPage = async (parameters: Parameters = {}, by = browser) => by.follow(await send(parameters, by));

  function expectExpired(page: Page): void {
    expect([page.status, page.location]).toEqual([400, undefined]);
    expect(page.body).toContain('<code>invalid_request</code>');
  }

  it('A12, A16: the redirect to the login page has a handle and nothing of the request; both redirects are 303', async () => {
    const first = await send({ state: 'secret-state', nonce: 'secret-nonce' });
    expect([first.status, first.location]).toEqual([303, `/login?request=${handleOf(first)}`]);
    expect(handleOf(first)).toMatch(/^[A-Za-z0-9_-]{43,}$/);
    const page = await browser.follow(first);
    expect(page.body).not.toMatch(/secret-(state|nonce)|client\.example/);
    const answer = await logIn(browser, page, user);
    expect([answer.status, outcomeOf(answer), answer.redirected.get('state')]).toEqual([303, 'code', 'secret-state']);
  });

  it('A12: the request continues after a wrong password', async () => {
    const refused = await logIn(browser, await loginPage(), { ...user, password: 'wrong' });
    expect(refused.status).toBe(401);
    expect(outcomeOf(await logIn(browser, refused, user))).toBe('code');
  });

  it('A12: the handle works in its own browser only, even if another browser has a session', async () => {
    const handle = handleOf(await send());
    for (const thief of [new Browser(server.url), await aLoggedInBrowser(server, other)]) {
      await thief.get('/login');
      for (const path of ['/login', '/signup', '/consent']) expectExpired(await thief.get(`${path}?request=${handle}`));
      const own = await thief.follow(await thief.get(authorizePath(client, { prompt: 'login' })));
      expectExpired(await thief.submit(own, { request: handle, username: other.username, password: other.password }));
    }
    expect(outcomeOf(await logIn(browser, await browser.get(`/login?request=${handle}`), user))).toBe('code');
  });

  it('A12: an unknown, changed, repeated or empty handle is refused with a page of status 400', async () => {
    const handle = handleOf(await send());
    const changed = handle.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
    for (const wrong of ['x', 'A'.repeat(50), changed, `${handle}A`, handle.slice(1), `${handle} `, '<script>alert(1)</script>', "'--"]) {
      const page = await browser.get(`/login?request=${encodeURIComponent(wrong)}`);
      expectExpired(page);
      expect(page.body).not.toContain('<script>alert');
    }
    expect((await browser.get(`/login?request=${handle}&request=${handle}`)).status).toBe(400);
    expectExpired(await browser.get('/consent'));
  });

  it('A12: the handle is valid for one answer; afterwards, for example with the back button, there is an error page', async () => {
    const page = await loginPage();
    expect(outcomeOf(await logIn(browser, page, user))).toBe('code');
    expectExpired(await logIn(browser, page, user));
    const { fields } = page.form();
    expectExpired(await browser.get(`/login?request=${fields['request'] ?? ''}`));
    expectExpired(await browser.get(`/consent?request=${fields['request'] ?? ''}`));
  });

  it('A12: the handle expires after an hour', async () => {
    const early = await loginPage();
    server.clock.advance(HOUR - 60);
    const late = await loginPage();
    server.clock.advance(120);
    expectExpired(await logIn(browser, early, user));
    expect(outcomeOf(await logIn(browser, late, user))).toBe('code');
  });

  it('A12: two tabs of one browser each continue with their own request', async () => {
    const [first, second] = [await loginPage({ state: 'first' }), await loginPage({ state: 'second' })];
    const answers = [await logIn(browser, second, user), await logIn(browser, first, user)];
    expect(answers.map((page) => [outcomeOf(page), page.redirected.get('state')])).toEqual([['code', 'second'], ['code', 'first']]);
  });

  it('A12: a login as another user during the flow leads to a code of that user', async () => {
    const asking = await aClient(server, { require_consent: true });
    const consent = await browser.follow(await logIn(browser, await browser.follow(await browser.get(authorizePath(asking))), user));
    expect(consent.form().action).toBe('/consent');
    await logIn(browser, await loginPage({ prompt: 'login' }), other);
    const again = await browser.submit(consent, { decision: 'allow' });
    expect(outcomeOf(again)).toBe('/consent');
    const answer = await browser.submit(await browser.follow(again), { decision: 'allow' });
    expect(outcomeOf(answer)).toBe('code');
    const { body } = await server.admin.get<{ items: { data: Record<string, unknown> }[] }>(
      '/events?types=gatehouse.authorization.code-issued.v1&limit=200',
    );
    expect(body.items.at(-1)?.data).toMatchObject({ client_id: asking.client_id, sub: other.sub });
  });

  it('A12: a form without its CSRF token is refused, and the request can continue', async () => {
    const page = await loginPage();
    const { csrf_token, ...fields } = page.form().fields;
    expect(csrf_token).toMatch(/.+/);
    for (const token of [undefined, 'x']) {
      const forged = { ...fields, username: user.username, password: user.password, ...(token === undefined ? {} : { csrf_token: token }) };
      const refused = await browser.post('/login', forged);
      expect([refused.status, refused.location]).toEqual([403, undefined]);
    }
    expect(outcomeOf(await logIn(browser, page, user))).toBe('code');
  });

  it('A12: a client that is disabled during the flow gets no answer', async () => {
    const passing = await aClient(server);
    const page = await browser.follow(await browser.get(authorizePath(passing)));
    const etag = (await server.admin.get(`/clients/${passing.client_id}`)).headers.get('etag') ?? '';
    await server.admin.call('PATCH', `/clients/${passing.client_id}`, { body: { enabled: false }, headers: { 'if-match': etag } });
    expectExpired(await logIn(browser, page, user));
  });

  it('A12: a redirect URI that is removed from the client during the flow gets no code', async () => {
    const moving = await aClient(server);
    const page = await browser.follow(await browser.get(authorizePath(moving)));
    const etag = (await server.admin.get(`/clients/${moving.client_id}`)).headers.get('etag') ?? '';
    const body = { redirect_uris: ['https://client.example/moved'] };
    await server.admin.call('PATCH', `/clients/${moving.client_id}`, { body, headers: { 'if-match': etag } });
    expectExpired(await logIn(browser, page, user));
  });

  describe('in a browser with a session', () => {
    beforeEach(async () => {
      browser = await aLoggedInBrowser(server, user);
    });

    it('A13: a fresh session leads to a code without a page', async () => {
      const page = await send();
      expect([page.status, outcomeOf(page)]).toEqual([303, 'code']);
      expect(outcomeOf(await send({ prompt: 'none' }))).toBe('code');
    });

    it('A13: prompt=login, prompt=select_account and max_age=0 require a new login', async () => {
      for (const parameters of [{ prompt: 'login' }, { prompt: 'select_account' }, { max_age: '0' }]) {
        const first = await send(parameters);
        expect(outcomeOf(first)).toBe('/login');
        const page = await browser.follow(first);
        expect((await browser.get(`/consent?request=${handleOf(first)}`)).location ?? '').not.toContain('code=');
        expect(outcomeOf(await logIn(browser, page, user))).toBe('code');
      }
    });

    it('A13: max_age requires a new login if the last one is older, and default_max_age applies if max_age is missing', async () => {
      const careful = await aClient(server, { default_max_age: 100 });
      server.clock.advance(200);
      const outcomes = [
        await send({ max_age: '100' }), await send({ max_age: '300' }), await browser.get(authorizePath(careful)),
        await browser.get(authorizePath(careful, { max_age: '300' })), await send({ max_age: '100', prompt: 'none' }),
      ].map(outcomeOf);
      expect(outcomes).toEqual(['/login', 'code', '/login', 'code', 'login_required']);
    });

    it('A13: prompt=none never shows a page', async () => {
      const asking = await aClient(server, { require_consent: true });
      const silent = { prompt: 'none', state: 's' };
      const answers = [await send(silent, new Browser(server.url)), await browser.get(authorizePath(asking, silent))];
      expect(answers.map(outcomeOf)).toEqual(['login_required', 'consent_required']);
      for (const page of answers) expect([page.redirected.get('state'), page.redirected.get('iss')]).toEqual(['s', server.issuer]);
      expect((await Promise.all(['none login', 'none consent', 'now'].map((prompt) => send({ prompt })))).map(outcomeOf)).toEqual([
        'invalid_request', 'invalid_request', 'invalid_request',
      ]);
    });

    it('A13: prompt=login requires a new login, even if the browser sends its session cookie only afterwards', async () => {
      server.clock.advance(300);
      const cookie = [...browser.cookies].find(([name]) => name.endsWith('session')) ?? ['', ''];
      browser.cookies.delete(cookie[0]);
      const first = await send({ prompt: 'login' });
      browser.cookies.set(...cookie);
      const consent = await browser.get(`/consent?request=${handleOf(first)}`);
      expect(outcomeOf(await browser.submit(consent, { decision: 'allow' }))).toBe('/login');
    });

    it('A13: an expired session requires a new login', async () => {
      server.clock.advance(13 * HOUR);
      expect([outcomeOf(await send()), outcomeOf(await send({ prompt: 'none' }))]).toEqual(['/login', 'login_required']);
    });

    it('A22: id_token_hint names the expected user; another user gets login_required', async () => {
      const { id_token } = await obtainTokens({ server, client, user, browser });
      const { id_token: others } = await obtainTokens({ server, client, user: other });
      expect(outcomeOf(await send({ id_token_hint: id_token, prompt: 'none' }))).toBe('code');
      expect(outcomeOf(await send({ id_token_hint: others, prompt: 'none' }))).toBe('login_required');
      const page = await loginPage({ id_token_hint: others });
      expect(outcomeOf(await logIn(browser, page, user))).toBe('login_required');
      expect(outcomeOf(await logIn(browser, await loginPage({ id_token_hint: others }), other))).toBe('code');
    });
  });

  it('A14: prompt=create shows the sign-up page first, and the new user continues with the request', async () => {
    const first = await send({ prompt: 'create', state: 's', login_hint: 'new"><b>comer' });
    expect(outcomeOf(first)).toBe('/signup');
    const page = await browser.follow(first);
    expect(page.form().fields['username']).toBe('new"><b>comer');
    expect(page.body).not.toContain('<b>comer');
    const answer = await browser.submit(page, { username: 'created', password: 'correct horse battery', name: 'C' });
    expect([answer.status, outcomeOf(answer), answer.redirected.get('state')]).toEqual([303, 'code', 's']);
    expect(outcomeOf(await send())).toBe('code');
  });

  it('A14: a user who has an account can go from the sign-up page to the login page of the same request', async () => {
    const page = await loginPage({ prompt: 'create', state: 's' });
    const login = await browser.get(/href="([^"]*\/login[^"]*)"/.exec(page.body)?.[1] ?? '');
    const answer = await logIn(browser, login, user);
    expect([outcomeOf(answer), answer.redirected.get('state')]).toEqual(['code', 's']);
  });

  it('A22: login_hint is filled in on the login page, escaped', async () => {
    const hint = '"><script>alert(1)</script>\'&amp;é';
    const page = await loginPage({ login_hint: hint });
    expect(page.form().fields['username']).toBe(hint);
    expect(page.body).not.toContain('<script>alert');
  });

  it('A12: of 10 concurrent logins with one handle, exactly one gets a code and the others an error page', async () => {
    const page = await loginPage();
    const answers = await Promise.all(Array.from({ length: 10 }, () => logIn(browser, page, user)));
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome === 'code')).toHaveLength(1);
    expect(new Set(outcomes)).toEqual(new Set(['code', 'page 400']));
  });

  it('A15: the redirect after the login has a code', async () => {
    expect(await obtainCode({ server, client, user, browser, parameters: { redirect_uri: REDIRECT_URI } })).toMatch(/^[A-Za-z0-9_-]{43,}$/);
  });
});
