import { Browser } from '#test/browser.js';
import { basic, obtainCode, type Parameters, postForm, redeem, refresh, TOKEN } from '#test/flow.js';
import { aClient, aPublicClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, delivered, obtainTokens, PKCE, tokensOf, userinfo, VERIFIER } from '#test/tokens.js';

const OTHER_VERIFIER = 'a'.repeat(43);

describe('a code', () => {
  let server: TestServer;
  let client: TestClient;
  let user: TestUser;
  let browser: Browser;
  beforeAll(async () => {
    server = await startServer();
    [client, user] = await Promise.all([aClient(server), aUser(server)]);
    browser = new Browser(server.url);
  });
  afterAll(() => server.close());

  const codeFor = (of: TestClient, parameters: Parameters = {}) => obtainCode({ server, client: of, user, browser, parameters });

  async function outcomeOf(code: string, parameters: Parameters = {}, by = client) {
    const { status, body } = await redeem(server, by, code, parameters);
    return status === 200 ? 'tokens' : `${String(status)} ${String(body['error'])}`;
  }

  describe('T15: success', () => {
    it('has access_token, token_type and expires_in, in JSON with Cache-Control: no-store (T14)', async () => {
      const { status, headers, body } = await redeem(server, client, await codeFor(client));
      expect(status).toBe(200);
      expect(body).toMatchObject({ access_token: expect.any(String), token_type: 'bearer', expires_in: expect.any(Number) });
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('pragma')).toBe('no-cache');
    });

    it('has another opaque access token each time', async () => {
      const [first, second] = await Promise.all([obtainTokens({ server, client, user }), obtainTokens({ server, client, user })]);
      expect(first.access_token).toMatch(/^[A-Za-z0-9_-]{43,}$/);
      expect(first.access_token.slice(-43)).not.toBe(second.access_token.slice(-43));
    });
  });

  it.each([[undefined, 300], [1, 1], [60, 60]])('R12: access_token_lifetime %p means %p s', async (lifetime, seconds) => {
    const timed = await aClient(server, lifetime === undefined ? {} : { access_token_lifetime: lifetime });
    const { access_token: token, expires_in: expiresIn } = tokensOf(await redeem(server, timed, await codeFor(timed)));
    expect(expiresIn).toBeLessThanOrEqual(seconds);
    expect(expiresIn).toBeGreaterThanOrEqual(Math.max(0, seconds - 2));
    server.clock.advance(seconds);
    expect((await userinfo(server, token)).status).toBe(401);
  });

  it.each([[null, false], [600, true]])('T16, R11: refresh_token_lifetime %p means a refresh token: %p', async (lifetime, issued) => {
    const other = await aClient(server, { refresh_token_lifetime: lifetime });
    const { body } = await redeem(server, other, await codeFor(other));
    expect('refresh_token' in body).toBe(issued);
  });

  it('R11: without refresh_token_lifetime, refresh tokens that were issued before are refused', async () => {
    const other = await aClient(server);
    const { refresh_token: token } = await obtainTokens({ server, client: other, user, browser });
    await change(server, `/clients/${other.client_id}`, { refresh_token_lifetime: null });
    expect((await refresh(server, other, token)).body['error']).toBe('invalid_grant');
  });

  const scopes = [['openid', true], ['openid email', true], ['email', false], [undefined, false]] as const;
  it.each(scopes)('T17, T18: with scope %p there is an ID token: %p', async (scope, idToken) => {
    const { body } = await redeem(server, client, await codeFor(client, { scope }));
    expect(body['scope']).toBe(scope ?? '');
    expect('id_token' in body).toBe(idToken);
  });

  describe('T4: a code is an invalid_grant', () => {
    const unknown = ['unknown', 'A'.repeat(50), `AGsDCUO2${'k'.repeat(42)}`, '💥', 'a b', "' OR 1=1 --"];
    it.each(unknown)('if it is unknown: %s', async (code) => {
      expect(await outcomeOf(code)).toBe('400 invalid_grant');
    });

    it('if one character is wrong', async () => {
      const code = await codeFor(client);
      for (const index of [0, 5, 20, code.length - 1]) {
        const wrong = code.slice(0, index) + (code[index] === 'A' ? 'B' : 'A') + code.slice(index + 1);
        expect(await outcomeOf(wrong)).toBe('400 invalid_grant');
      }
      expect(await outcomeOf(code)).toBe('tokens');
    });

    it('A17: after 60 s, and not before', async () => {
      const [early, late] = [await codeFor(client), await codeFor(client)];
      server.clock.advance(55);
      expect(await outcomeOf(early)).toBe('tokens');
      server.clock.advance(5);
      expect(await outcomeOf(late)).toBe('400 invalid_grant');
    });

    it('A17: if it has expired, and the error_description says so', async () => {
      const code = await codeFor(client, PKCE);
      server.clock.advance(61);
      const { body } = await redeem(server, client, code, { code_verifier: VERIFIER });
      expect(body['error_description']).toBe('The code is unknown or has expired.');
    });

    it('A17: after the authorization_code_lifetime of the client', async () => {
      const other = await aClient(server, { authorization_code_lifetime: 5 });
      const code = await codeFor(other);
      server.clock.advance(6);
      expect(await outcomeOf(code, {}, other)).toBe('400 invalid_grant');
    });

    it('if it is a refresh token or an access token; codes and tokens are not interchangeable', async () => {
      const code = await codeFor(client);
      const { access_token: access, refresh_token: refreshToken } = await obtainTokens({ server, client, user, browser });
      expect(await outcomeOf(refreshToken)).toBe('400 invalid_grant');
      expect(await outcomeOf(access)).toBe('400 invalid_grant');
      for (const wrong of [code, access]) expect((await refresh(server, client, wrong)).body['error']).toBe('invalid_grant');
      expect((await userinfo(server, refreshToken)).status).toBe(401);
      expect((await userinfo(server, code)).status).toBe(401);
      expect((await refresh(server, client, refreshToken)).status).toBe(200);
      expect(await outcomeOf(code)).toBe('tokens');
    });
  });

  describe('T5: redirect_uri', () => {
    it.each([
      ['missing', undefined],
      ['empty', ''],
      ['another', 'https://client.example/other'],
      ['with another slash', 'https://client.example/callback/'],
      ['in another case', 'https://CLIENT.example/callback'],
      ['with its port', 'https://client.example:443/callback'],
    ])('%s is an invalid_grant if the authorization request had one', async (_, redirectUri) => {
      expect(await outcomeOf(await codeFor(client), { redirect_uri: redirectUri })).toBe('400 invalid_grant');
    });

    it('on a loopback address must have the port of the authorization request (R5)', async () => {
      const native = await aPublicClient(server, { redirect_uris: ['http://127.0.0.1/cb'] });
      const sent = 'http://127.0.0.1:49152/cb';
      const code = await codeFor(native, { ...PKCE, redirect_uri: sent });
      expect(await outcomeOf(code, { code_verifier: VERIFIER, redirect_uri: 'http://127.0.0.1/cb' }, native)).toBe('400 invalid_grant');
      expect(await outcomeOf(code, { code_verifier: VERIFIER, redirect_uri: sent }, native)).toBe('tokens');
    });
  });

  it('T6: redirect_uri is an invalid_grant if the authorization request had none', async () => {
    const code = await codeFor(client, { redirect_uri: undefined, scope: 'email' });
    expect(await outcomeOf(code)).toBe('400 invalid_grant');
    expect(await outcomeOf(code, { redirect_uri: undefined })).toBe('tokens');
  });

  describe('T23: code_verifier', () => {
    it.each([
      ['missing', undefined],
      ['of another challenge', OTHER_VERIFIER],
      ['equal to the challenge', PKCE.code_challenge],
      ['too short', VERIFIER.slice(0, 42)],
      ['too long', 'a'.repeat(129)],
      ['with other characters', `${VERIFIER.slice(0, 42)}+`],
    ])('%s is an invalid_grant', async (_, verifier) => {
      expect(await outcomeOf(await codeFor(client, PKCE), { code_verifier: verifier })).toBe('400 invalid_grant');
    });

    it('without a challenge is an invalid_grant', async () => {
      const code = await codeFor(client);
      expect(await outcomeOf(code, { code_verifier: VERIFIER })).toBe('400 invalid_grant');
      expect(await outcomeOf(code)).toBe('tokens');
    });

    it('equals the challenge with the method plain, if the client allows it', async () => {
      const plain = await aClient(server, { code_challenge_methods: ['S256', 'plain'] });
      const parameters = { code_challenge: OTHER_VERIFIER, code_challenge_method: 'plain' };
      expect(await outcomeOf(await codeFor(plain, parameters), { code_verifier: VERIFIER }, plain)).toBe('400 invalid_grant');
      expect(await outcomeOf(await codeFor(plain, parameters), { code_verifier: OTHER_VERIFIER }, plain)).toBe('tokens');
      const s256 = await codeFor(plain, PKCE);
      expect(await outcomeOf(s256, { code_verifier: PKCE.code_challenge }, plain)).toBe('400 invalid_grant');
    });
  });

  describe('T4, T24: after a refused redemption', () => {
    it('the code can be redeemed, whether the client, the verifier or the redirect URI was wrong', async () => {
      const code = await codeFor(client, PKCE);
      const other = await aClient(server);
      const right = { code_verifier: VERIFIER };
      for (let round = 0; round < 2; round++) {
        expect(await outcomeOf(code, right, other)).toBe('400 invalid_grant');
        expect(await outcomeOf(code, { code_verifier: OTHER_VERIFIER })).toBe('400 invalid_grant');
        expect(await outcomeOf(code, { ...right, redirect_uri: 'https://client.example/other' })).toBe('400 invalid_grant');
        expect(await outcomeOf(code)).toBe('400 invalid_grant');
        expect(await outcomeOf(code, right, { ...client, client_secret: 'wrong' })).toBe('401 invalid_client');
      }
      expect(await outcomeOf(code, right)).toBe('tokens');
    });

    it('20 wrong redemptions do not prevent a right one at the same time', async () => {
      const code = await codeFor(client, PKCE);
      const other = await aClient(server);
      const wrong = Array.from({ length: 10 }, () => [
        outcomeOf(code, { code_verifier: VERIFIER }, other),
        outcomeOf(code, { redirect_uri: 'https://client.example/other', code_verifier: VERIFIER }, other),
      ]);
      const [right, ...rest] = await Promise.all([outcomeOf(code, { code_verifier: VERIFIER }), ...wrong.flat()]);
      expect(right).toBe('tokens');
      expect(new Set(rest)).toEqual(new Set(['400 invalid_grant']));
    });

    it('another client can neither redeem a redeemed code nor revoke its tokens', async () => {
      const code = await codeFor(client);
      const tokens = tokensOf(await redeem(server, client, code));
      expect(await outcomeOf(code, {}, await aClient(server))).toBe('400 invalid_grant');
      expect((await userinfo(server, tokens.access_token)).status).toBe(200);
    });

    it('another client gets the same answer as for an unknown code', async () => {
      const other = await aClient(server);
      const ofUnknown = await redeem(server, other, 'unknown');
      const ofForeign = await redeem(server, other, await codeFor(client, PKCE), { redirect_uri: 'https://client.example/other' });
      expect(ofForeign.body['error_description']).toBe(ofUnknown.body['error_description']);
    });
  });

  it('T7: a code of a public client is redeemed only by that client, with its client_id in the form', async () => {
    const open = await aPublicClient(server);
    const code = await codeFor(open, PKCE);
    const parameters = { code_verifier: VERIFIER };
    expect(await outcomeOf(code, parameters, await aPublicClient(server))).toBe('400 invalid_grant');
    expect(await outcomeOf(code, { ...parameters, client_id: undefined }, open)).toBe('401 invalid_client');
    const sent = { grant_type: 'authorization_code', code, redirect_uri: open.redirect_uri, client_id: open.client_id, ...parameters };
    expect((await postForm(server.url + TOKEN, sent, { authorization: basic(client) })).body['error']).toBe('invalid_client');
    expect(await outcomeOf(code, parameters, open)).toBe('tokens');
  });

  describe('is refused if its user is', () => {
    it.each([['locked', { locked: true }], ['removed', undefined]])('%s', async (_, patch) => {
      const leaving = await aUser(server);
      const code = await obtainCode({ server, client, user: leaving });
      await change(server, `/users/${leaving.sub}`, patch);
      await delivered(server); // The event is delivered before the grant exists.
      expect(await outcomeOf(code)).toBe('400 invalid_grant');
    });
  });
});
