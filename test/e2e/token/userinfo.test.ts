import { Browser } from '#test/browser.js';
import { type Parameters, postForm, requestTokens, type TokenAnswer } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, delivered, obtainTokens, tokensOf, USERINFO, userinfo } from '#test/tokens.js';

const PROFILE = {
  name: 'Jané Doe',
  given_name: 'Jané',
  family_name: 'Doe',
  website: 'https://jane.example/',
  birthdate: '1990-01-02',
  locale: 'de-DE',
};
const EMAIL = { email: 'jane@example.com', email_verified: true };
const ADDRESS = { address: { street_address: 'Weg 1\n2. Stock', locality: 'Köln', country: 'DE' } };
const PHONE = { phone_number: '+49221123456', phone_number_verified: false };

describe('userinfo', () => {
  let server: TestServer;
  let user: TestUser;
  let browser: Browser;
  let client: TestClient;
  let token: string;
  beforeAll(async () => {
    server = await startServer();
    user = await aUser(server, { ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE });
    client = await aClient(server);
    browser = new Browser(server.url);
    token = await tokenFor({});
  });
  afterAll(() => server.close());

  async function tokenFor(parameters: Parameters, of = client): Promise<string> {
    return (await obtainTokens({ server, client: of, user, browser, parameters })).access_token;
  }

  async function send(init: RequestInit): Promise<TokenAnswer> {
    const response = await fetch(server.url + USERINFO, init);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
  }

  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

  describe('accepts the token', () => {
    it('in the header of a GET or POST, and in the form', async () => {
      const answers = [
        await send({ headers: bearer(token) }),
        await send({ method: 'POST', headers: bearer(token) }),
        await postForm(server.url + USERINFO, {}, bearer(token)),
        await postForm(server.url + USERINFO, { access_token: token }),
      ];
      for (const { status, headers, body } of answers) {
        expect([status, body]).toEqual([200, { sub: user.sub }]);
        expect(headers.get('content-type')).toMatch(/^application\/json/);
        expect(headers.get('cache-control')).toBe('no-store');
      }
    });

    it('with the scheme in any case', async () => {
      expect((await send({ headers: { authorization: `bearer ${token}` } })).status).toBe(200);
    });

    it('only once: a second one in header or form is an invalid_request', async () => {
      const type = 'application/x-www-form-urlencoded';
      const answers = [
        await postForm(server.url + USERINFO, { access_token: token }, bearer(token)),
        await postForm(server.url + USERINFO, { access_token: 'other' }, bearer(token)),
        await send({ method: 'POST', headers: { 'content-type': type }, body: `access_token=${token}&access_token=${token}` }),
      ];
      for (const { status, body, headers } of answers) {
        expect([status, body['error']]).toEqual([400, 'invalid_request']);
        expect(headers.get('www-authenticate')).toContain('error="invalid_request"');
      }
    });

    it('only in these places, not in the query string', async () => {
      const response = await fetch(`${server.url}${USERINFO}?access_token=${token}`);
      expect(response.status).toBe(401);
    });
  });

  describe('refuses with a Bearer challenge (RFC 6750 §3)', () => {
    it('401 without an error code if there is no token', async () => {
      for (const headers of [{}, { authorization: 'Basic YTpi' }]) {
        const answer = await send({ headers });
        expect([answer.status, answer.headers.get('cache-control')]).toEqual([401, 'no-store']);
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+"$/);
      }
    });

    const unknown = ['unknown', 'A'.repeat(50), 'AAAAA.BBBBB.CCCCC'];
    it.each(unknown)('401 invalid_token if the token is unknown: %s', async (value) => {
      const { status, body, headers } = await send({ headers: bearer(value) });
      expect([status, body['error']]).toEqual([401, 'invalid_token']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+", error="invalid_token"/);
    });

    it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer "a"', 'Bearer ä'])('4xx if the header is malformed: %s', async (authorization) => {
      const { status, headers } = await send({ headers: { authorization } });
      expect([400, 401]).toContain(status);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer /);
    });

    it('401 invalid_token as soon as the token has expired', async () => {
      const short = await tokenFor({}, await aClient(server, { access_token_lifetime: 30 }));
      expect((await userinfo(server, short)).status).toBe(200);
      server.clock.advance(30);
      const { status, body } = await userinfo(server, short);
      expect([status, body['error']]).toEqual([401, 'invalid_token']);
    });

    it('403 insufficient_scope without openid', async () => {
      const { status, body, headers } = await userinfo(server, await tokenFor({ scope: 'email' }));
      expect([status, body['error']]).toEqual([403, 'insufficient_scope']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer realm="[^"]+", error="insufficient_scope"/);
    });

    it('401 for a token of client_credentials, and for an ID token', async () => {
      const robot = await aClient(server, { grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: 'a' });
      const own = tokensOf(await requestTokens(server, robot, { grant_type: 'client_credentials', scope: 'a' }));
      expect((await userinfo(server, own.access_token)).status).toBe(401);
      const { id_token: idToken } = await obtainTokens({ server, client, user, browser });
      expect((await userinfo(server, idToken)).status).toBe(401);
    });

    it('405 with Allow for other methods', async () => {
      const { status, headers } = await send({ method: 'DELETE', headers: bearer(token) });
      expect(status).toBe(405);
      expect(headers.get('allow')).toContain('GET');
      expect(headers.get('allow')).toContain('POST');
    });
  });

  describe('releases', () => {
    it.each([
      ['openid', {}],
      ['openid email', EMAIL],
      ['openid address', ADDRESS],
      ['openid phone', PHONE],
      ['openid profile', PROFILE],
      ['openid email phone', { ...EMAIL, ...PHONE }],
    ])('for scope %s only its claims', async (scope, claims) => {
      const { body } = await userinfo(server, await tokenFor({ scope }));
      const ofProfile = scope.includes('profile') ? { preferred_username: user.username, updated_at: expect.any(Number) } : {};
      expect(body).toEqual({ sub: user.sub, ...claims, ...ofProfile });
    });

    it('the current claims, not those at the login', async () => {
      const changing = await aUser(server, { email: 'before@example.com' });
      const { access_token: own } = await obtainTokens({ server, client, user: changing, parameters: { scope: 'openid email' } });
      await change(server, `/users/${changing.sub}`, { email: 'after@example.com' });
      expect((await userinfo(server, own)).body['email']).toBe('after@example.com');
    });
  });

  it('releases claims that the claims parameter requests under userinfo, not those under id_token (OIDC Core §5.5)', async () => {
    const claims = { userinfo: { email: null, given_name: { essential: true }, unknown: null }, id_token: { phone_number: null } };
    const { body } = await userinfo(server, await tokenFor({ claims: JSON.stringify(claims) }));
    expect(body).toEqual({ sub: user.sub, email: EMAIL.email, given_name: PROFILE.given_name });
  });

  describe('refuses the token as soon as', () => {
    it('its client is disabled or removed', async () => {
      const [disabled, removed] = [await aClient(server), await aClient(server)];
      const [one, other] = [await tokenFor({}, disabled), await tokenFor({}, removed)];
      await change(server, `/clients/${disabled.client_id}`, { enabled: false });
      expect((await userinfo(server, one)).status).toBe(401);
      await change(server, `/clients/${removed.client_id}`);
      expect((await userinfo(server, other)).status).toBe(401);
      const again = await server.admin.post('/clients', { client_id: removed.client_id, redirect_uris: [removed.redirect_uri] });
      expect(again.status).toBe(201);
      expect((await userinfo(server, other)).status).toBe(401);
    });

    it.each([['locked', { locked: true }], ['removed', undefined]])('its user is %s', async (_, patch) => {
      const leaving = await aUser(server);
      const { access_token: own, refresh_token: refreshToken } = await obtainTokens({ server, client, user: leaving });
      await change(server, `/users/${leaving.sub}`, patch);
      expect((await userinfo(server, own)).status).toBe(401);
      const refreshed = await requestTokens(server, client, { grant_type: 'refresh_token', refresh_token: refreshToken });
      expect(refreshed.body['error']).toBe('invalid_grant');
    });

    it('its user is locked, even if the user is unlocked later', async () => {
      const leaving = await aUser(server);
      const { access_token: own } = await obtainTokens({ server, client, user: leaving });
      await change(server, `/users/${leaving.sub}`, { locked: true });
      await delivered(server);
      await change(server, `/users/${leaving.sub}`, { locked: false });
      expect((await userinfo(server, own)).status).toBe(401);
    });
  });
});
