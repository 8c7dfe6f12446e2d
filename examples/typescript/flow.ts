/** The authorization code flow by openid-client: ISSUER, CLIENT_ID and CLIENT_SECRET come from the environment. */
import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import * as oidc from 'openid-client';

const { ISSUER = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env;

// Gatehouse is asked over http on this machine only; elsewhere leave `execute` out.
const client = await oidc.discovery(new URL(ISSUER), CLIENT_ID, undefined, oidc.ClientSecretBasic(CLIENT_SECRET), {
  execute: [oidc.allowInsecureRequests],
});

const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
const url = oidc.buildAuthorizationUrl(client, {
  redirect_uri: 'http://localhost/callback',
  scope: 'openid profile email',
  code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
});
stdout.write(`Open this address and sign in:\n${url.href}\nPaste the address at which the browser ends, where nobody answers:\n`);
const lines = createInterface({ input: stdin });
const callback = new URL(await lines.question(''));
lines.close();

const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
const tokens = await oidc.authorizationCodeGrant(client, callback, checks);
const subject = tokens.claims()?.sub ?? '';
stdout.write(`Userinfo:\n${JSON.stringify(await oidc.fetchUserInfo(client, tokens.access_token, subject))}\n`);

const refreshed = await oidc.refreshTokenGrant(client, tokens.refresh_token ?? '');
stdout.write(`Refreshed: a new ${refreshed.token_type} token for "${refreshed.scope ?? ''}"\n`);
