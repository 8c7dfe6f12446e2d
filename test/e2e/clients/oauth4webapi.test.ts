import * as oauth from 'oauth4webapi';
import { Browser } from '#test/browser.js';
import { logIn } from '#test/flow.js';
import { aClient, aPublicClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

const INSECURE = { [oauth.allowInsecureRequests]: true };

describe('oauth4webapi', () => {
  let server: TestServer;
  let user: TestUser;
  beforeAll(async () => {
    server = await startServer();
    user = await aUser(server, { email: 'jane@example.com' });
  });
  afterAll(() => server.close());

  async function discover(algorithm: 'oidc' | 'oauth2' = 'oidc'): Promise<oauth.AuthorizationServer> {
    const issuer = new URL(server.issuer);
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm, ...INSECURE }));
  }

  async function authorized(as: oauth.AuthorizationServer, { client_id, redirect_uri }: TestClient, extra: Record<string, string> = {}) {
    const [verifier, state, nonce] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState(), oauth.generateRandomNonce()];
    const url = new URL(as.authorization_endpoint ?? '');
    url.search = new URLSearchParams({
      client_id,
      redirect_uri,
      response_type: 'code',
      scope: 'openid email',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...extra,
    }).toString();
    const browser = new Browser(server.issuer);
    const page = await browser.follow(await logIn(browser, await browser.follow(await browser.get(url.href)), user));
    return { page, verifier, state, nonce };
  }

  const kinds: [string, () => Promise<TestClient>, (client: TestClient) => oauth.ClientAuth][] = [
    ['client_secret_basic', () => aClient(server), ({ client_secret: secret }) => oauth.ClientSecretBasic(secret)],
    [
      'client_secret_post',
      () => aClient(server, { token_endpoint_auth_method: 'client_secret_post' }),
      ({ client_secret: secret }) => oauth.ClientSecretPost(secret),
    ],
    ['none', () => aPublicClient(server), () => oauth.None()],
  ];

  it.each(kinds)('completes the flow with %s and all of its checks', async (_, make, authentication) => {
    const registered = await make();
    const client: oauth.Client = { client_id: registered.client_id };
    const auth = authentication(registered);
    const as = await discover();
    const { page, verifier, state, nonce } = await authorized(as, registered);

    const parameters = oauth.validateAuthResponse(as, client, new URL(page.location ?? ''), state);
    const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, parameters, registered.redirect_uri, verifier, INSECURE);
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, { expectedNonce: nonce, requireIdToken: true });
    await oauth.validateApplicationLevelSignature(as, answer, INSECURE);
    expect(oauth.getValidatedIdTokenClaims(tokens)?.sub).toBe(user.sub);

    const info = await oauth.userInfoRequest(as, client, tokens.access_token, INSECURE);
    expect(await oauth.processUserInfoResponse(as, client, user.sub, info)).toMatchObject({ email: 'jane@example.com' });

    const again = await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token ?? '', INSECURE);
    const refreshed = await oauth.processRefreshTokenResponse(as, client, again);
    expect(refreshed.scope).toBe('openid email');
    expect(oauth.getValidatedIdTokenClaims(refreshed)?.sub).toBe(user.sub);
  });

  it('A19: validates the responses of all response modes', async () => {
    const registered = await aClient(server);
    const client: oauth.Client = { client_id: registered.client_id };
    const as = await discover();
    for (const mode of ['query', 'fragment', 'form_post']) {
      const { page, state } = await authorized(as, registered, { response_mode: mode });
      const received = mode === 'form_post' ? new URLSearchParams(page.form().fields) : page.redirected;
      expect(oauth.validateAuthResponse(as, client, received, state).get('code')).not.toBeNull();
    }
  });

  it('reads the metadata of RFC 8414 and the error of a replayed code', async () => {
    const registered = await aClient(server);
    const client: oauth.Client = { client_id: registered.client_id };
    const as = await discover('oauth2');
    const { page, verifier, state } = await authorized(as, registered);
    const parameters = oauth.validateAuthResponse(as, client, new URL(page.location ?? ''), state);
    const auth = oauth.ClientSecretBasic(registered.client_secret);
    const redeem = () =>
      oauth.authorizationCodeGrantRequest(as, client, auth, parameters, registered.redirect_uri, verifier, INSECURE);
    expect((await redeem()).status).toBe(200);
    await expect(oauth.processAuthorizationCodeResponse(as, client, await redeem())).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('A18: reads the error of a request for a scope that the client does not have', async () => {
    const registered = await aClient(server, { scope: 'openid' });
    const as = await discover();
    const browser = new Browser(server.issuer);
    const { client_id, redirect_uri } = registered;
    const query = { client_id, redirect_uri, response_type: 'code', scope: 'openid email', state: 's' };
    const page = await browser.get(`${as.authorization_endpoint ?? ''}?${new URLSearchParams(query).toString()}`);
    const validated = async () => oauth.validateAuthResponse(as, { client_id }, new URL(page.location ?? ''), 's');
    await expect(validated()).rejects.toMatchObject({ error: 'invalid_scope' });
  });
});
