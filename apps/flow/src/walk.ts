/** The authorization code flow as a client walks it, by openid-client; every message is shown as it goes. */
import * as oidc from 'openid-client';
import { openCallback } from './callback.js';
import { MESSAGES } from './messages.js';
import type { Script } from './print.js';
import { FlowError, type Settings, type User } from './settings.js';
import { signIn } from './sign-in.js';

const OPEN_IT = 'Open this address in a browser of this machine and sign in (Ctrl-C ends the wait):';
const SCOPE = 'openid profile email';

/** Throws {@link FlowError}, or the error of openid-client where an answer is not what it must be. */
export async function walk(settings: Settings, script: Script, automatic: User | undefined): Promise<void> {
  const client = await discover(settings, script);
  const tokens = await authorize(client, script, automatic);
  script.message(MESSAGES.tokenResponse);
  script.fields(Object.entries(tokens));
  const claims = tokens.claims();
  if (claims === undefined) throw new FlowError('The answer has no ID token, though the scope was openid.');
  script.message(MESSAGES.idToken);
  script.fields(Object.entries(claims));
  await askUserinfo(client, script, { accessToken: tokens.access_token, subject: claims.sub });
  await refresh(client, script, tokens.refresh_token);
}

async function discover({ issuer, clientId, clientSecret }: Settings, script: Script): Promise<oidc.Configuration> {
  script.message(MESSAGES.discovery);
  script.line(`GET ${issuer}/.well-known/openid-configuration`);
  // Without TLS in between the signature of the ID token is what tells the server from a stranger.
  const insecure = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
  const execute = [...insecure, oidc.enableNonRepudiationChecks];
  const client = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.ClientSecretBasic(clientSecret), { execute });
  const { authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri } = client.serverMetadata();
  script.fields(Object.entries({ authorization_endpoint, token_endpoint, userinfo_endpoint, jwks_uri }));
  return client;
}

async function authorize(client: oidc.Configuration, script: Script, automatic: User | undefined) {
  const [pkceCodeVerifier, expectedState, expectedNonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const callback = await openCallback();
  try {
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: callback.redirectUri,
      scope: SCOPE,
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    script.message(MESSAGES.authorizationRequest);
    script.line(automatic === undefined ? OPEN_IT : `Signing in as ${automatic.username}:`);
    script.line(url.href);
    if (automatic !== undefined) await signIn(url, callback.redirectUri, automatic);
    const answer = await callback.answer;
    script.message(MESSAGES.authorizationResponse);
    script.line(`GET ${callback.redirectUri}`);
    script.fields(answer.searchParams);
    const code = answer.searchParams.get('code');
    if (code !== null) {
      tellTokenRequest(client, script, { code, redirect_uri: callback.redirectUri, code_verifier: pkceCodeVerifier });
    }
    return await oidc.authorizationCodeGrant(client, answer, { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true });
  } finally {
    callback.close();
  }
}

function tellTokenRequest(client: oidc.Configuration, script: Script, fields: Readonly<Record<string, unknown>>): void {
  script.message(MESSAGES.tokenRequest);
  script.line(`POST ${client.serverMetadata().token_endpoint ?? ''}`);
  script.line(`Authorization: Basic (${client.clientMetadata().client_id} and its secret)`);
  script.fields(Object.entries({ grant_type: 'authorization_code', ...fields }));
}

async function askUserinfo(client: oidc.Configuration, script: Script, by: { accessToken: string; subject: string }): Promise<void> {
  script.message(MESSAGES.userinfo);
  script.line(`GET ${client.serverMetadata().userinfo_endpoint ?? ''}`);
  const answer = await oidc.fetchUserInfo(client, by.accessToken, by.subject);
  script.fields(Object.entries(answer));
}

async function refresh(client: oidc.Configuration, script: Script, refreshToken: string | undefined): Promise<void> {
  if (refreshToken === undefined) return;
  script.message(MESSAGES.refresh);
  script.fields(Object.entries({ grant_type: 'refresh_token', refresh_token: refreshToken }));
  script.line('');
  script.fields(Object.entries(await oidc.refreshTokenGrant(client, refreshToken)));
}
