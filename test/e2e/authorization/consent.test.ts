import { Browser, type Page } from '#test/browser.js';
import { authorizePath, logIn, type Parameters } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { countEvents, delivered } from '#test/tokens.js';
import { aLoggedInBrowser, handleOf, outcomeOf } from '#test/authorization-requests.js';

describe('consent', () => {
  let server: TestServer;
  let user: TestUser;
  let browser: Browser;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer();
    user = await aUser(server);
    browser = await aLoggedInBrowser(server, user);
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    client = await aClient(server, { require_consent: true, client_name: 'An <i>App</i>' });
  });

  const send = (parameters: Parameters = {}, by = client) => browser.get(authorizePath(client === by ? client : by, parameters));
  const consentPage = async (parameters: Parameters = {}): Promise<Page> => browser.follow(await send(parameters));
  const answer = (page: Page, decision: string) => browser.submit(page, { decision });

  it('A23: a client with require_consent has users asked; the page names client and scopes, and allowing leads to a code', async () => {
    const page = await consentPage({ scope: 'openid email', state: 's' });
    expect(page.form().action).toBe('/consent');
    expect(page.body).toContain('An &lt;i&gt;App&lt;/i&gt;');
    expect(page.body).not.toContain('<i>App');
    expect(page.body.match(/<li>/g)).toHaveLength(2);
    const allowed = await answer(page, 'allow');
    expect([allowed.status, outcomeOf(allowed), allowed.redirected.get('state')]).toEqual([303, 'code', 's']);
  });

  it('A23: a client without require_consent gets a code without consent', async () => {
    expect(outcomeOf(await send({ scope: 'openid email' }, await aClient(server)))).toBe('code');
  });

  it('A23: a consent is remembered, and asked for again only if a new scope is requested', async () => {
    await answer(await consentPage({ scope: 'openid email' }), 'allow');
    expect(outcomeOf(await send({ scope: 'email openid' }))).toBe('code');
    expect(outcomeOf(await send({ scope: 'openid' }))).toBe('code');
    expect(outcomeOf(await send({ scope: 'openid email', prompt: 'none' }))).toBe('code');
    expect(outcomeOf(await send({ scope: 'openid profile', prompt: 'none' }))).toBe('consent_required');
    const more = await send({ scope: 'openid profile' });
    expect(outcomeOf(more)).toBe('/consent');
    await answer(await browser.follow(more), 'allow');
    expect(outcomeOf(await send({ scope: 'openid email profile' }))).toBe('code');
  });

  it('A23: a consent counts only for its user and its client', async () => {
    await answer(await consentPage(), 'allow');
    expect(outcomeOf(await send({}, await aClient(server, { require_consent: true })))).toBe('/consent');
    const other = await aLoggedInBrowser(server, await aUser(server));
    expect(outcomeOf(await other.get(authorizePath(client)))).toBe('/consent');
  });

  it('A23: prompt=consent asks again, even for a client without require_consent', async () => {
    await answer(await consentPage(), 'allow');
    const again = await send({ prompt: 'consent' });
    expect(outcomeOf(again)).toBe('/consent');
    expect(outcomeOf(await answer(await browser.follow(again), 'allow'))).toBe('code');
    expect(outcomeOf(await send({ prompt: 'consent' }, await aClient(server)))).toBe('/consent');
  });

  it('A23: consent is asked for after the login', async () => {
    const guest = new Browser(server.url);
    const first = await guest.get(authorizePath(client, { prompt: 'login consent' }));
    expect(outcomeOf(first)).toBe('/login');
    expect(outcomeOf(await logIn(guest, await guest.follow(first), user))).toBe('/consent');
  });

  it('A23: offline_access requires consent, even for a client without require_consent', async () => {
    const open = await aClient(server);
    const first = await send({ scope: 'openid offline_access' }, open);
    expect(outcomeOf(first)).toBe('/consent');
    expect(outcomeOf(await answer(await browser.follow(first), 'allow'))).toBe('code');
    expect(outcomeOf(await send({ scope: 'openid offline_access', prompt: 'none' }, await aClient(server)))).toBe('consent_required');
  });

  it('A18: a denial redirects with access_denied, state and iss, grants nothing, and the next request asks again', async () => {
    const page = await consentPage({ state: 'a&b', response_mode: 'fragment' });
    const denied = await answer(page, 'deny');
    expect(denied.status).toBe(303);
    expect(Object.fromEntries(denied.redirected)).toEqual({
      error: 'access_denied', error_description: expect.any(String), state: 'a&b', iss: server.issuer,
    });
    expect(denied.location).toContain('#error=access_denied');
    expect(outcomeOf(await answer(page, 'allow'))).toBe('page 400');
    expect(outcomeOf(await send())).toBe('/consent');
  });

  it('A18: a denial with prompt=consent does not withdraw an earlier consent', async () => {
    await answer(await consentPage(), 'allow');
    expect(outcomeOf(await answer(await consentPage({ prompt: 'consent' }), 'deny'))).toBe('access_denied');
    expect(outcomeOf(await send())).toBe('code');
  });

  it('A23: an invalid answer, one without the CSRF token, and one from another browser are refused', async () => {
    const page = await consentPage();
    const { fields } = page.form();
    for (const decision of ['', 'ALLOW', 'yes', 'allow deny']) expect((await answer(page, decision)).status).toBe(400);
    expect((await browser.post('/consent', { ...fields, decision: 'allow', csrf_token: '' })).status).toBe(403);
    const thief = await aLoggedInBrowser(server, await aUser(server));
    const own = await thief.follow(await thief.get(authorizePath(client)));
    expect((await thief.submit(own, { request: fields['request'] ?? '', decision: 'allow' })).status).toBe(400);
    expect(outcomeOf(await answer(page, 'allow'))).toBe('code');
  });

  it('A23: an answer for a request that still needs a login leads to the login page', async () => {
    const first = await send({ prompt: 'login' });
    expect(outcomeOf(first)).toBe('/login');
    const other = await consentPage();
    expect(outcomeOf(await browser.submit(other, { request: handleOf(first), decision: 'allow' }))).toBe('/login');
  });

  it('A23: an answer after the end of the session leads to the login page, and then to the consent page again', async () => {
    const guest = await aLoggedInBrowser(server, user);
    const page = await guest.follow(await guest.get(authorizePath(client)));
    guest.cookies.delete('gatehouse-session');
    const back = await guest.submit(page, { decision: 'allow' });
    expect(outcomeOf(back)).toBe('/login');
    expect(outcomeOf(await logIn(guest, await guest.follow(back), user))).toBe('/consent');
  });

  it('A23: an answer on a page that was shown to another user counts for neither, and the consent page is shown again', async () => {
    const shared = await aLoggedInBrowser(server, user);
    const page = await shared.follow(await shared.get(authorizePath(client)));
    const other = await aUser(server);
    await logIn(shared, await shared.get(`/login?request=${page.form().fields['request'] ?? ''}`), other);
    const again = await shared.submit(page, { decision: 'allow' });
    expect([again.status, outcomeOf(again)]).toEqual([303, '/consent']);
    expect(await countEvents(server, 'authorization.consent-granted', client.client_id)).toBe(0);
    expect(outcomeOf(await shared.submit(await shared.follow(again), { decision: 'allow' }))).toBe('code');
  });

  it('A23: of 20 concurrent answers exactly one counts, with one code or error and one event', async () => {
    const page = await consentPage();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => answer(page, index % 2 === 0 ? 'allow' : 'deny')));
    const outcomes = answers.map(outcomeOf);
    expect(outcomes.filter((outcome) => outcome !== 'page 400')).toHaveLength(1);
    const [granted, denied] = [
      await countEvents(server, 'authorization.consent-granted', client.client_id),
      await countEvents(server, 'authorization.consent-denied', client.client_id),
    ];
    expect([granted, denied]).toEqual(outcomes.includes('code') ? [1, 0] : [0, 1]);
  });

  it('A23: a new client with the ID of a removed one has no consents', async () => {
    await answer(await consentPage(), 'allow');
    const path = `/clients/${client.client_id}`;
    const etag = (await server.admin.get(path)).headers.get('etag') ?? '';
    expect((await server.admin.call('DELETE', path, { headers: { 'if-match': etag } })).status).toBe(204);
    await delivered(server);
    const again = await aClient(server, { client_id: client.client_id, require_consent: true });
    expect(outcomeOf(await send({}, again))).toBe('/consent');
  });
});
