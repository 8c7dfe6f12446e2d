import type { Browser, Page } from '#test/browser.js';
import { AUTHORIZE, authorizePath, type Parameters } from '#test/flow.js';
import { aClient, aPublicClient, aUser, REDIRECT_URI, type TestClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { sql } from '#test/database.js';
import { PKCE } from '#test/tokens.js';
import { aLoggedInBrowser, authorizeRaw, outcomeOf, query } from '#test/authorization-requests.js';

const OTHER = 'https://client.example/other?tenant=1';

describe('an authorization request', () => {
  let server: TestServer;
  let client: TestClient;
  let several: TestClient;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server);
    several = await aClient(server, { redirect_uris: [REDIRECT_URI, OTHER] });
    browser = await aLoggedInBrowser(server, await aUser(server));
  });
  afterAll(() => server.close());

  const send = (parameters: Parameters = {}, by = client) => browser.get(authorizePath(by, parameters));
  const raw = (more: string, by = client) => authorizeRaw(browser, query(by.client_id, more));

  /** The server shows an error page without a redirect. */
  function expectErrorPage(page: Page): void {
    expect([page.status, page.location, page.headers.get('refresh')]).toEqual([400, undefined, null]);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.body).toContain('<code>invalid_request</code>');
    expect(page.body).not.toMatch(/<form|<meta http-equiv/);
  }

  it('A1: a missing response_type is an invalid_request', async () => {
    expect(outcomeOf(await send({ response_type: undefined }))).toBe('invalid_request');
    expect(outcomeOf(await send({ response_type: '' }))).toBe('invalid_request');
  });

  it.each(['token', 'id_token', 'code id_token', 'code token', 'none', 'Code', 'code code', ' code', 'codé'])(
    'A1: an unknown response_type %j is an unsupported_response_type',
    async (responseType) => {
      const page = await send({ response_type: responseType, state: 's' });
      expect(outcomeOf(page)).toBe('unsupported_response_type');
      expect([page.redirected.get('state'), page.redirected.get('iss')]).toEqual(['s', server.issuer]);
    },
  );

  it('A1, A3: a missing, empty or repeated client_id leads to an error page', async () => {
    expectErrorPage(await send({ client_id: undefined }));
    expectErrorPage(await send({ client_id: '' }));
    expectErrorPage(await raw(`&client_id=${client.client_id}`));
    expectErrorPage(await raw('&client_id=other'));
  });

  it.each(['nobody', 'NOBODY<script>alert(1)</script>', "x' OR '1'='1", '../admin', 'ключ', 'x'.repeat(8000), '__proto__'])(
    'A3: an unknown client gets an error page without values of the request (%#)',
    async (clientId) => {
      const page = await send({ client_id: clientId, state: 'state-of-mine' });
      expectErrorPage(page);
      expect(page.body).not.toContain('<script>alert');
      expect(page.body).not.toContain('state-of-mine');
    },
  );

  it('A3: a disabled client gets an error page', async () => {
    const disabled = await aClient(server, { enabled: false });
    expectErrorPage(await send({}, disabled));
  });

  it('A3: the client is checked first, then the redirect URI, then everything else', async () => {
    const broken = { response_type: 'x', scope: 'unknown', request: 'x', redirect_uri: 'https://evil.example/' };
    expect((await send({ ...broken, client_id: 'nobody' })).body).toContain('There is no such client.');
    expect((await send(broken)).body).toContain('is not one that the client registered.');
    expect(outcomeOf(await send({ ...broken, redirect_uri: REDIRECT_URI }))).toBe('request_not_supported');
  });

  it('A4: a client with one redirect URI may leave redirect_uri out, without openid', async () => {
    const page = await send({ redirect_uri: undefined, scope: 'profile' });
    expect([outcomeOf(page), page.location?.startsWith(`${REDIRECT_URI}?`)]).toEqual(['code', true]);
    expect(outcomeOf(await send({ redirect_uri: '', scope: 'profile' }))).toBe('code');
  });

  it('A5: a client with several redirect URIs must send redirect_uri', async () => {
    expectErrorPage(await send({ redirect_uri: undefined, scope: 'profile' }, several));
    const page = await send({ redirect_uri: OTHER }, several);
    expect([outcomeOf(page), page.location?.startsWith(`${OTHER}&code=`)]).toEqual(['code', true]);
  });

  it.each([
    ...['/', '?', '?x=1', '#', '#x', '\n', ' '].map((end) => REDIRECT_URI + end), ` ${REDIRECT_URI}`,
    'https://client.example/Callback', 'https://CLIENT.example/callback', 'HTTPS://client.example/callback',
    'http://client.example/callback', 'https://client.example//callback',
    'https://client.example:443/callback', 'https://client.example/./callback', 'https://client.example/x/../callback',
    'https://client.example/callbac%6B', 'https://client.example\\@evil.example/callback', 'https://client.example@evil.example/callback',
    'https://evil.example/callback', 'https://client.example.evil.example/callback', '//client.example/callback', '/callback',
    'javascript:alert(1)',
  ])('A6: the redirect URI %j does not equal the registered one and leads to an error page', async (redirectUri) => {
    const page = await send({ redirect_uri: redirectUri });
    expectErrorPage(page);
    expect(page.body).not.toContain('evil');
  });

  it('A6: a loopback address may have any port, but no other host or path', async () => {
    const native = await aPublicClient(server, { redirect_uris: ['http://127.0.0.1/cb'] });
    const to = (redirect_uri: string) => send({ redirect_uri, ...PKCE }, native);
    const page = await to('http://127.0.0.1:49152/cb');
    expect([outcomeOf(page), page.location?.startsWith('http://127.0.0.1:49152/cb?code=')]).toEqual(['code', true]);
    for (const uri of ['http://localhost/cb', 'http://127.0.0.1:1/', 'http://127.0.0.1:99999/cb', 'http://127.0.0.1:80@evil.example/cb']) {
      expectErrorPage(await to(uri));
    }
  });

  it('A7: redirect_uri is required with openid, whether openid is requested or a default scope', async () => {
    expectErrorPage(await send({ redirect_uri: undefined, scope: 'openid' }));
    expectErrorPage(await send({ redirect_uri: undefined, scope: 'profile openid' }));
    const byDefault = await aClient(server, { default_scope: 'openid' });
    expectErrorPage(await send({ redirect_uri: undefined, scope: undefined }, byDefault));
  });

  it('A9: without scope, the default scopes of the client apply, which may be empty', async () => {
    const byDefault = await aClient(server, { default_scope: 'openid email' });
    expect(outcomeOf(await send({ scope: undefined }, byDefault))).toBe('code');
    expect(outcomeOf(await send({ scope: '' }))).toBe('code');
    const rows = await sql<{ client_id: string; scope: string }>(
      server.databaseUrl,
      `SELECT DISTINCT ON (client_id) client_id, scope FROM authorization_codes
       WHERE client_id = ANY ($1) ORDER BY client_id, grant_id DESC`,
      [[client.client_id, byDefault.client_id]],
    );
    expect(new Map(rows.map((row) => [row.client_id, row.scope]))).toEqual(
      new Map([[client.client_id, ''], [byDefault.client_id, 'openid email']]),
    );
  });

  it('A9: a scope that is malformed or not assigned to the client is an invalid_scope', async () => {
    for (const scope of ['admin', 'openid admin', 'openid  email', ' openid', 'openid "', 'öpenid', 'OPENID', 'openid\temail']) {
      expect([scope, outcomeOf(await send({ scope }))]).toEqual([scope, 'invalid_scope']);
    }
    expect(outcomeOf(await send({ scope: 'openid openid' }))).toBe('code');
  });

  it('A11: unknown parameters are ignored, whatever their name', async () => {
    expect(outcomeOf(await raw('&scope=openid&foo=bar&__proto__=x&constructor=1&a%5B%5D=1&=nameless&toString=1'))).toBe('code');
  });

  it.each('state scope response_type nonce prompt max_age code_challenge response_mode login_hint unknown __proto__'.split(' '))(
    'A11: %s sent twice is an invalid_request, whether the values are equal, different or empty',
    async (name) => {
      const base = `client_id=${client.client_id}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`;
      const rest = name === 'response_type' ? '' : '&response_type=code';
      for (const values of [['code', 'code'], ['code', 'other'], ['', ''], ['code', '']]) {
        const page = await authorizeRaw(browser, `${base}${rest}&${values.map((value) => `${name}=${value}`).join('&')}`);
        expect([outcomeOf(page), page.location?.startsWith(`${REDIRECT_URI}?`)]).toEqual(['invalid_request', true]);
        if (name === 'state') expect(page.redirected.has('state')).toBe(false);
      }
    },
  );

  it('A11: redirect_uri sent twice leads to an error page', async () => {
    expectErrorPage(await raw(`&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`));
    expectErrorPage(await raw('&redirect_uri='));
    expectErrorPage(await raw('&redirect_uri=https://evil.example'));
  });

  it('A11: an empty parameter counts as missing', async () => {
    const empty = '&state=&nonce=&prompt=&max_age=&code_challenge=&code_challenge_method=&claims=&request=&request_uri=&response_mode=';
    const page = await raw(empty);
    expect([outcomeOf(page), page.redirected.has('state')]).toEqual(['code', false]);
  });

  it('A2: a form POST means the same as a GET', async () => {
    const form = { response_type: 'code', client_id: client.client_id, redirect_uri: REDIRECT_URI, scope: 'openid', state: 's' };
    const posted = await browser.post(AUTHORIZE, form);
    expect([posted.status, outcomeOf(posted), posted.redirected.get('state')]).toEqual([303, 'code', 's']);
    expect(outcomeOf(await browser.post(AUTHORIZE, { ...form, prompt: 'login' }))).toBe('/login');
    expect(outcomeOf(await browser.post(AUTHORIZE, { ...form, scope: 'x' }))).toBe('invalid_scope');
    expectErrorPage(await browser.post(AUTHORIZE, { ...form, client_id: 'nobody' }));
    expectErrorPage(await browser.post(`${AUTHORIZE}?client_id=${client.client_id}`, {}));
  });

  it('A2: HEAD gets a 405 and starts no request', async () => {
    const response = await fetch(server.url + authorizePath(client), { method: 'HEAD', redirect: 'manual' });
    expect([response.status, response.headers.get('allow'), response.headers.getSetCookie()]).toEqual([405, 'GET, POST', []]);
  });

  it('A2, A16: a form from another site, which has no cookies, is redirected to the same request by GET', async () => {
    const form = { response_type: 'code', client_id: client.client_id, redirect_uri: REDIRECT_URI, scope: 'openid', state: 'a+b %20&=é"' };
    const page = await browser.post(AUTHORIZE, form, { 'sec-fetch-site': 'cross-site', cookie: '' });
    expect([page.status, outcomeOf(page), page.headers.getSetCookie()]).toEqual([303, AUTHORIZE, []]);
    const answer = await browser.get(page.location ?? '');
    expect([outcomeOf(answer), answer.redirected.get('state')]).toEqual(['code', form.state]);
  });

  it('A20: code_challenge is required of public clients and of clients with require_pkce', async () => {
    const strict = await aClient(server, { require_pkce: true });
    for (const each of [await aPublicClient(server), strict]) {
      expect(outcomeOf(await send({}, each))).toBe('invalid_request');
      expect(outcomeOf(await send({ code_challenge: '' }, each))).toBe('invalid_request');
      expect(outcomeOf(await send(PKCE, each))).toBe('code');
    }
  });

  it('A20: plain, also as the default without a method, works only for clients that allow it', async () => {
    const plain = await aClient(server, { code_challenge_methods: ['S256', 'plain'] });
    const { code_challenge } = PKCE;
    const methods = [undefined, 'plain', 'S256', 's256', 'S512'];
    const outcomes = async (by: TestClient) => {
      const pages = await Promise.all(methods.map((method) => send({ code_challenge, code_challenge_method: method }, by)));
      return pages.map(outcomeOf);
    };
    const no = 'invalid_request';
    expect(await outcomes(client)).toEqual([no, no, 'code', no, no]);
    expect(await outcomes(plain)).toEqual(['code', 'code', 'code', no, no]);
  });

  it('A20: a malformed challenge, or a method without one, is an invalid_request with a valid error_description', async () => {
    for (const challenge of ['short', 'a'.repeat(129), `${PKCE.code_challenge}=`, undefined]) {
      const page = await send({ ...PKCE, code_challenge: challenge });
      expect(outcomeOf(page)).toBe('invalid_request');
      expect(page.redirected.get('error_description')).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    }
  });

  it('A21: request is request_not_supported, and request_uri is request_uri_not_supported', async () => {
    expect(outcomeOf(await send({ request: 'eyJhbGciOiJub25lIn0.e30.' }))).toBe('request_not_supported');
    expect(outcomeOf(await send({ request_uri: 'https://client.example/request.jwt' }))).toBe('request_uri_not_supported');
    expect(outcomeOf(await send({ request_uri: 'urn:ietf:params:oauth:request_uri:made-up' }))).toBe('request_uri_not_supported');
  });

  it('A22: the other parameters of OIDC Core are accepted', async () => {
    const parameters = {
      display: 'popup', ui_locales: 'de-CH fr', claims_locales: 'en', acr_values: 'urn:unknown', login_hint: 'x', nonce: 'n',
      id_token_hint: 'no.jwt.atall',
      claims: JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { name: null } }),
    };
    expect(outcomeOf(await send(parameters))).toBe('code');
  });

  it.each([
    '{', '[]', '"x"', '{"id_token":[]}', '{"id_token":{"a":{"value":"\\u0000"}}}', '{"id_token":{"\\ud800":null}}',
    `{"id_token":{"a":{"value":${'['.repeat(2000)}${']'.repeat(2000)}}}}`,
  ])('A22: malformed claims are an invalid_request (%#)', async (claims) => {
    expect(outcomeOf(await send({ claims, prompt: 'login' }))).toBe('invalid_request');
  });

  it.each(['state', 'nonce', 'login_hint', 'ui_locales', 'claims', 'acr_values'])(
    'A8, A22: a %s that is too long is an invalid_request, with state',
    async (name) => {
      const page = await send({ state: 's', prompt: 'login', [name]: 'x'.repeat(4097) });
      expect(outcomeOf(page)).toBe('invalid_request');
      expect(page.redirected.get('error_description')).toContain(`${name} has more than`);
      expect(page.redirected.get('state')).toBe(name === 'state' ? 'x'.repeat(4097) : 's');
    },
  );

  it('R3: a client without the grant type authorization_code is an unauthorized_client', async () => {
    const machine = await aClient(server, { grant_types: ['client_credentials'], response_types: [], scope: 'x' });
    expect(outcomeOf(await send({ scope: 'x' }, machine))).toBe('unauthorized_client');
  });

  it('a request that leads to an error page stores nothing', async () => {
    const count = async () => sql(
      server.databaseUrl,
      `SELECT (SELECT count(*) FROM authorization_requests) AS requests, (SELECT count(*) FROM authorization_codes) AS codes,
         (SELECT count(*) FROM consents) AS consents,
         (SELECT count(*) FROM (SELECT id FROM outbox UNION SELECT id FROM event_log) AS e) AS events`,
    );
    const before = await count();
    await send({ client_id: 'nobody' });
    await send({ redirect_uri: 'https://evil.example/' });
    await raw('&redirect_uri=x');
    expect(await count()).toEqual(before);
  });
});
