import { createHash } from 'node:crypto';
import type { Browser, Page } from '#test/browser.js';
import { aClient, aUser, REDIRECT_URI, type TestClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { aLoggedInBrowser, authorizeRaw, query } from '#test/authorization-requests.js';

const MODES = ['query', 'fragment', 'form_post'] as const;
const STATES: readonly [what: string, state: string][] = [
  ['a space and a plus', 'a b+c'],
  ['percent', '100%25%2B%'],
  ['separators', '&code=evil&iss=x;#?/=='],
  ['quotes and tags', '"\'><script>alert(1)</script><!--'],
  ['entities', '&amp;&lt;&#39;&quot'],
  ['unicode', 'é 漢字 🦊 ‮ \u200b'],
  ['composed and decomposed', '\u00e9 e\u0301'],
  ['a template', '<%= it.x %> {{1}} #{1} $' + '{1}'],
  ['JSON', '{"__proto__":{"a":[1,null]}}'],
  ['backslashes', 'a\\b\\n\\u0000'],
  ['control characters', '\u0001\u001b\u007f\t'],
  ['whitespace at both ends', '  x  '],
  ['only a zero', '0'],
  ['4000 characters', '~'.repeat(4000)],
];

describe('the answer to an authorization request', () => {
  let server: TestServer;
  let client: TestClient;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server);
    browser = await aLoggedInBrowser(server, await aUser(server));
  });
  afterAll(() => server.close());

  const send = (more: string, by = client) => authorizeRaw(browser, query(by.client_id, more));

  function parametersOf(page: Page, mode: (typeof MODES)[number]): Record<string, string> {
    if (mode !== 'form_post') return Object.fromEntries(page.redirected);
    const { action, fields } = page.form();
    expect(action).toBe(REDIRECT_URI);
    return { ...fields };
  }

  describe.each(MODES)('A8, A15, A18, A19: with response_mode %s', (mode) => {
    it.each(STATES)('state comes back byte for byte with %s', async (_what, state) => {
      const sent = `&scope=openid&response_mode=${mode}&state=${encodeURIComponent(state)}`;
      expect(parametersOf(await send(sent), mode)).toEqual({ code: expect.any(String), state, iss: server.issuer });
      expect(parametersOf(await send(`${sent}&max_age=x`), mode)).toEqual({
        error: 'invalid_request', error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/), state, iss: server.issuer,
      });
    });

    it('there is no state if none was sent, but iss', async () => {
      const sent = `&scope=openid&response_mode=${mode}`;
      expect(Object.keys(parametersOf(await send(sent), mode))).toEqual(['code', 'iss']);
      expect(Object.keys(parametersOf(await send(`${sent}&prompt=none&max_age=0`), mode))).toEqual(['error', 'error_description', 'iss']);
    });
  });

  it('A8: a plus in the query is read as a space and sent back as %20, which every decoder reads as a space', async () => {
    const { location = '' } = await send('&state=a+b%2Bc');
    expect(location).toContain('&state=a%20b%2Bc&');
  });

  it('A8: state and response_mode are the same after the login page', async () => {
    const state = STATES.slice(0, 12).map(([, each]) => each).join('');
    const guest = await aUser(server);
    const login = await browser.follow(await send(`&prompt=login&response_mode=fragment&state=${encodeURIComponent(state)}`));
    expect(login.body).not.toContain('<script>alert');
    const page = await browser.submit(login, { username: guest.username, password: guest.password });
    expect([page.status, parametersOf(page, 'fragment')]).toEqual([303, { code: expect.any(String), state, iss: server.issuer }]);
  });

  it('A15, A16: success is a 303 with Cache-Control no-store to the redirect URI with code, state and iss', async () => {
    const page = await send('&scope=openid&state=s');
    expect([page.status, page.headers.get('cache-control')]).toEqual([303, 'no-store']);
    expect(page.location).toMatch(/^https:\/\/client\.example\/callback\?code=[A-Za-z0-9_-]{43,}&state=s&iss=http%3A%2F%2F[^&]+$/);
  });

  it('A19: the response is appended to the query of the redirect URI', async () => {
    const cases = [['https://c.example/cb?a=1&b=%20', '&'], ['https://c.example/cb?', ''], ['https://c.example', '?']] as const;
    for (const [uri, between] of cases) {
      const each = await aClient(server, { redirect_uris: [uri] });
      const base = `response_type=code&client_id=${each.client_id}&redirect_uri=${encodeURIComponent(uri)}`;
      const inQuery = await authorizeRaw(browser, base);
      const inFragment = await authorizeRaw(browser, `${base}&scope=x&response_mode=fragment`);
      expect(inQuery.location?.startsWith(`${uri}${between}code=`)).toBe(true);
      expect(inFragment.location?.startsWith(`${uri}#error=invalid_scope`)).toBe(true);
    }
  });

  const unknown = ['jwt', 'query.jwt', 'web_message', 'QUERY', 'query fragment', '__proto__', '<b>'];
  it.each(unknown)('A19: an unknown response_mode %j is an invalid_request in the query', async (mode) => {
    const page = await send(`&state=s&response_mode=${encodeURIComponent(mode)}`);
    expect([page.location?.startsWith(`${REDIRECT_URI}?error=invalid_request`), page.redirected.get('state')]).toEqual([true, 's']);
  });

  it('A19: form_post is a page with Cache-Control no-store, whose only allowed script submits the form', async () => {
    const page = await send('&response_mode=form_post&state=s');
    const policy = page.headers.get('content-security-policy') ?? '';
    const script = /<script>([^<]+)</.exec(page.body)?.[1] ?? '';
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(policy).toContain("form-action 'self' https://client.example;");
    expect(policy).not.toContain('unsafe');
  });
});
