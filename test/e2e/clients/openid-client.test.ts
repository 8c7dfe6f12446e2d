import * as oidc from 'openid-client';
import { Browser, type Page } from '#test/browser.js';
import { logIn } from '#test/flow.js';
import { aClient, aPublicClient, aUser, REDIRECT_URI, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

/** The authorization response: the URL of the redirect, or the request that the page of form_post sends. */
function callback(page: Page): URL | Request {
  if (page.location !== undefined) return new URL(page.location);
  const { action, fields } = page.form();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return new Request(action, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
}

describe('openid-client', () => {
  let server: TestServer;
  let user: TestUser;
  beforeAll(async () => {
    server = await startServer();
    user = await aUser(server, { name: 'Jane Doe', email: 'jane@example.com' });
  });
  afterAll(() => server.close());

  async function discover(client: TestClient, authentication: oidc.ClientAuth): Promise<oidc.Configuration> {
    const insecure = { execute: [oidc.allowInsecureRequests] };
    return oidc.discovery(new URL(server.issuer), client.client_id, undefined, authentication, insecure);
  }

  async function authorize(client: TestClient, config: oidc.Configuration, extra: Record<string, string> = {}) {
    const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: client.redirect_uri,
      scope: 'openid profile email',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...extra,
    });
    const browser = new Browser(server.issuer);
    const page = await browser.follow(await logIn(browser, await browser.follow(await browser.get(url.href)), user));
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    return { page, finish: (received: URL | Request) => oidc.authorizationCodeGrant(config, received, checks) };
  }

  const kinds: [string, () => Promise<TestClient>, (client: TestClient) => oidc.ClientAuth][] = [
    ['client_secret_basic', () => aClient(server), ({ client_secret: secret }) => oidc.ClientSecretBasic(secret)],
    [
      'client_secret_post',
      () => aClient(server, { token_endpoint_auth_method: 'client_secret_post' }),
      ({ client_secret: secret }) => oidc.ClientSecretPost(secret),
    ],
    ['none', () => aPublicClient(server), () => oidc.None()],
  ];

  it.each(kinds)('completes the flow with %s: discovery, login, ID token, userinfo, refresh', async (_, make, authentication) => {
    const client = await make();
    const config = await discover(client, authentication(client));
    const { page, finish } = await authorize(client, config);
    const received = callback(page);
    expect((received as URL).searchParams.get('iss')).toBe(server.issuer);
    const tokens = await finish(received);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ iss: server.issuer, aud: client.client_id, sub: user.sub });
    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
    expect(info).toMatchObject({ sub: user.sub, name: 'Jane Doe', email: 'jane@example.com' });
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(refreshed.claims()?.sub).toBe(user.sub);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    expect(await oidc.fetchUserInfo(config, refreshed.access_token, user.sub)).toMatchObject({ email: 'jane@example.com' });
  });

  it('A19: reads the response modes query and form_post', async () => {
    const client = await aClient(server);
    const config = await discover(client, oidc.ClientSecretBasic(client.client_secret));
    for (const mode of ['query', 'form_post']) {
      const { page, finish } = await authorize(client, config, { response_mode: mode });
      expect((await finish(callback(page))).claims()?.sub).toBe(user.sub);
    }
  });

  it('A19: accepts the response mode fragment if a page passes the fragment on', async () => {
    const client = await aClient(server);
    const config = await discover(client, oidc.ClientSecretBasic(client.client_secret));
    const { page, finish } = await authorize(client, config, { response_mode: 'fragment' });
    const { hash } = new URL(page.location ?? '');
    const passedOn = new URL(`${REDIRECT_URI}?${hash.slice(1)}`);
    expect((await finish(passedOn)).claims()?.sub).toBe(user.sub);
  });

  it('verifies ES256 and RS256 with the published keys', async () => {
    for (const alg of ['ES256', 'RS256']) {
      const client = await aClient(server, { id_token_signed_response_alg: alg });
      const execute = [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks];
      const metadata = { id_token_signed_response_alg: alg };
      const secret = oidc.ClientSecretBasic(client.client_secret);
      const config = await oidc.discovery(new URL(server.issuer), client.client_id, metadata, secret, { execute });
      const { page, finish } = await authorize(client, config);
      expect((await finish(callback(page))).claims()?.sub).toBe(user.sub);
    }
  });

  it('refuses a response with a wrong iss or state', async () => {
    const client = await aClient(server);
    const config = await discover(client, oidc.ClientSecretBasic(client.client_secret));
    for (const name of ['iss', 'state']) {
      const { page, finish } = await authorize(client, config);
      const received = callback(page) as URL;
      received.searchParams.set(name, 'https://evil.example');
      await expect(finish(received)).rejects.toMatchObject({ code: 'OAUTH_INVALID_RESPONSE' });
    }
  });

  it('gets a token by client_credentials', async () => {
    const client = await aClient(server, { grant_types: ['client_credentials'], response_types: [], scope: 'read' });
    const config = await discover(client, oidc.ClientSecretBasic(client.client_secret));
    const tokens = await oidc.clientCredentialsGrant(config, { scope: 'read' });
    expect([tokens.token_type, tokens.scope]).toEqual(['bearer', 'read']);
    await expect(oidc.clientCredentialsGrant(config, { scope: 'write' })).rejects.toMatchObject({ error: 'invalid_scope', status: 400 });
  });
});
