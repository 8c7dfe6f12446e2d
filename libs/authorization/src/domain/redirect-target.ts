import type { Client } from '#client-registry/contracts.js';
import { OAuthError } from '#kernel/errors.js';
import type { RedirectTarget } from './authorization-request.js';

/** In characters. */
const MAX_DETAIL_LENGTH = 200;

type Values = ReadonlyMap<string, string>;

/**
 * Finds where the answer may go. Until that is settled no error may leave by a redirect (RFC 6749 §4.1.2.1), so whatever
 * comes back as an `OAuthError` from here is for a page.
 */
export function findRedirectTarget(
  values: Values,
  repeated: readonly string[],
  client: Client,
  matches: (registered: string, requested: string) => boolean,
): RedirectTarget | OAuthError {
  if (repeated.includes('redirect_uri')) return refuse('redirect_uri was sent more than once.');
  const requested = values.get('redirect_uri');
  if (requested !== undefined) {
    return client.redirect_uris.some((registered) => matches(registered, requested))
      ? { redirectUri: requested, redirectUriSent: true }
      : refuse('redirect_uri is not one that the client registered.', asSent(requested));
  }
  // OIDC Core §3.1.2.1: with openid, redirect_uri is required, whatever is registered.
  if ((values.get('scope') ?? client.default_scope).split(' ').includes('openid')) {
    return refuse('redirect_uri is required with scope openid.');
  }
  const [only, ...others] = client.redirect_uris;
  if (only === undefined) return refuse('The client has no redirect URI.');
  if (others.length > 0) return refuse('redirect_uri is required: the client registered more than one.');
  return { redirectUri: only, redirectUriSent: false };
}

/**
 * A redirect URI that was sent, as the detail of a refusal, without its query: codes and tokens stand there. What is no URI may be
 * one itself, under the wrong name.
 */
function asSent(redirectUri: string): string {
  const [address = ''] = redirectUri.split(/[?#]/, 1);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(address)) return 'sent: no URI';
  return `sent: ${address}`.slice(0, MAX_DETAIL_LENGTH);
}

function refuse(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_request', description, detail);
}
