/** The names of the demo: the client and the user that a new embedded database begins with. */
import type { Secret } from '#kernel/secrets.js';

export interface Demo {
  readonly clientSecret: Secret;
  readonly password: Secret;
}

export const DEMO_CLIENT = 'www';
export const DEMO_USER = 'johndoe';
/** The second one is for programs on this machine, on any port (RFC 8252 §7.3). */
export const REDIRECT_URIS: readonly [string, string] = ['http://localhost/callback', 'http://127.0.0.1/callback'];

/** The query of an authorization request of the demo client, for a browser. */
export function demoAuthorizeQuery(redirectUri: string, extra: Readonly<Record<string, string>> = {}): string {
  const scope = 'openid profile email';
  const request = { response_type: 'code', client_id: DEMO_CLIENT, redirect_uri: redirectUri, scope, state: 'demo' };
  return new URLSearchParams({ ...request, ...extra }).toString();
}
