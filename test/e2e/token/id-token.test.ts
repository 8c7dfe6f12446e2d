import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import { Browser } from '#test/browser.js';
import type { Parameters } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { obtainTokens } from '#test/tokens.js';

const ACR = 'urn:gatehouse:authentication:html-form:username-password';

describe('an ID token', () => {
  let server: TestServer;
  let user: TestUser;
  let browser: Browser;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer();
    const profile = { name: 'Jane Doe', nickname: 'jd', email: 'jane@example.com', email_verified: true, address: { locality: 'Köln' } };
    user = await aUser(server, profile);
    client = await aClient(server);
    browser = new Browser(server.url);
  });
  afterAll(() => server.close());

  const tokensFor = (of: TestClient, parameters: Parameters = {}) => obtainTokens({ server, client: of, user, browser, parameters });

  async function jwks(): Promise<JWK[]> {
    const response = await fetch(`${server.url}/oauth/v2/jwks`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^application\/jwk-set\+json/)]);
    return ((await response.json()) as { keys: JWK[] }).keys;
  }

  const algorithms = [[undefined, 'RS256'], ['RS256', 'RS256'], ['ES256', 'ES256']] as const;
  it.each(algorithms)('with id_token_signed_response_alg %p is signed with %s', async (requested, alg) => {
    const signing = await aClient(server, requested === undefined ? {} : { id_token_signed_response_alg: requested });
    const { id_token: token } = await tokensFor(signing);
    const keys = createRemoteJWKSet(new URL(`${server.url}/oauth/v2/jwks`));
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: server.issuer,
      audience: signing.client_id,
      algorithms: [alg],
      typ: 'JWT',
      currentDate: server.clock.now(),
    });
    expect(payload.sub).toBe(user.sub);
    expect(Object.keys(protectedHeader).sort()).toEqual(['alg', 'kid', 'typ']);
    expect(decodeProtectedHeader(token)).toEqual({ alg, kid: expect.any(String), typ: 'JWT' });
  });

  it('that was changed cannot be verified', async () => {
    const { id_token: token } = await tokensFor(client);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), sub: 'somebody-else' };
    const forged = [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    await expect(jwtVerify(forged, createRemoteJWKSet(new URL(`${server.url}/oauth/v2/jwks`)))).rejects.toThrow(/signature/);
  });

  it('has the claims of docs/protocol.md and no others', async () => {
    const before = Math.floor(server.clock.now().getTime() / 1000);
    const { id_token: token, access_token: accessToken } = await tokensFor(client, { nonce: 'n-0S6_WzA2Mj/ü"' });
    const now = Math.floor(server.clock.now().getTime() / 1000);
    const claims = decodeJwt(token);
    expect(claims).toEqual({
      iss: server.issuer,
      sub: user.sub,
      aud: client.client_id,
      azp: client.client_id,
      exp: claims.iat! + 3600,
      iat: claims.iat,
      nbf: claims.iat,
      jti: expect.stringMatching(/.{16,}/),
      auth_time: expect.any(Number),
      acr: ACR,
      amr: ['pwd'],
      at_hash: createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url'),
      sid: expect.stringMatching(/.{16,}/),
      nonce: 'n-0S6_WzA2Mj/ü"',
      purpose: 'id',
    });
    expect(claims.iat).toBeGreaterThanOrEqual(before);
    expect(claims.iat).toBeLessThanOrEqual(now);
    expect(claims['auth_time']).toBeLessThanOrEqual(now);
  });

  it('has no nonce if none was sent, and a jti of its own', async () => {
    const [one, other] = (await Promise.all([tokensFor(client), tokensFor(client)])).map(({ id_token: token }) => decodeJwt(token));
    expect(one).not.toHaveProperty('nonce');
    expect(one!.jti).not.toBe(other!.jti);
    expect(one!['sid']).toBe(other!['sid']);
  });

  it('expires after the id_token_lifetime of the client', async () => {
    const claims = decodeJwt((await tokensFor(await aClient(server, { id_token_lifetime: 60 }))).id_token);
    expect(claims.exp! - claims.iat!).toBe(60);
  });

  it('has auth_time and sid of the login', async () => {
    const first = decodeJwt((await tokensFor(client)).id_token);
    server.clock.advance(100);
    const same = decodeJwt((await tokensFor(client)).id_token);
    const later = decodeJwt((await tokensFor(client, { prompt: 'login' })).id_token);
    expect([same['auth_time'], same['sid']]).toEqual([first['auth_time'], first['sid']]);
    expect(later['auth_time']).toBeGreaterThanOrEqual(Number(first['auth_time']) + 100);
    expect(later['sid']).not.toBe(first['sid']);
  });

  describe('claims of the user', () => {
    it('are not included for their scopes, because there is an access token for userinfo (OIDC Core §5.4)', async () => {
      const claims = decodeJwt((await tokensFor(client, { scope: 'openid profile email address phone' })).id_token);
      for (const claim of ['name', 'email', 'address', 'preferred_username']) expect(claims).not.toHaveProperty(claim);
    });

    it('are included if the claims parameter requests them, whatever the scope', async () => {
      const requested = { id_token: { email: null, name: { essential: true }, address: null, phone_number: null, unknown: null } };
      const claims = decodeJwt((await tokensFor(client, { claims: JSON.stringify(requested) })).id_token);
      expect(claims).toMatchObject({ email: 'jane@example.com', name: 'Jane Doe', address: { locality: 'Köln' }, sub: user.sub });
      for (const claim of ['phone_number', 'unknown', 'nickname', 'email_verified']) expect(claims).not.toHaveProperty(claim);
    });

    it('do not replace claims of the protocol', async () => {
      const names = ['iss', 'aud', 'exp', 'nonce', 'purpose', 'constructor', '__proto__'];
      const requested = `{"id_token":{${names.map((name) => `"${name}":{"value":"evil"}`).join(',')}}}`;
      const claims = decodeJwt((await tokensFor(client, { claims: requested })).id_token);
      expect(claims).toMatchObject({ iss: server.issuer, aud: client.client_id, purpose: 'id' });
      expect(JSON.stringify(claims)).not.toContain('evil');
    });
  });

  describe('the signing keys', () => {
    it('are published with public members only, and their kid is the thumbprint of RFC 7638', async () => {
      const keys = await jwks();
      expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
      for (const key of keys) {
        const members = key.kty === 'RSA' ? ['e', 'n'] : ['crv', 'x', 'y'];
        expect(Object.keys(key).sort()).toEqual(['alg', 'kid', 'kty', 'use', ...members].sort());
        expect(key.use).toBe('sig');
        expect(key.kid).toBe(await calculateJwkThumbprint(key));
      }
      const rsa = keys.find(({ kty }) => kty === 'RSA');
      expect(Buffer.from(rsa?.n ?? '', 'base64url').length).toBeGreaterThanOrEqual(256);
    });

    it('are the same on all servers of one database', async () => {
      const second = await startServer({ besides: server });
      const published = (await (await fetch(`${second.url}/oauth/v2/jwks`)).json()) as { keys: JWK[] };
      expect(published.keys).toEqual(await jwks());
      await second.close();
    });
  });
});
