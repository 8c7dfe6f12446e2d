import type { Client } from '#client-registry/contracts.js';
import { type Check, firstError } from '#kernel/check.js';
import { OAuthError } from '#kernel/errors.js';

/** In characters. */
const MAX_DETAIL_LENGTH = 200;

/** Where the answer goes. It is settled before anything else of the request is read. */
export interface RedirectTarget {
  readonly redirectUri: string;
  /** Whether the request had it: then the redemption must have it too (RFC 6749 §4.1.3). */
  readonly redirectUriSent: boolean;
}

interface Facts {
  readonly values: ReadonlyMap<string, string>;
  /** Names of parameters that were sent more than once. */
  readonly repeated: readonly string[];
  readonly client: Client;
  readonly matches: (registered: string, requested: string) => boolean;
}

/** The rules of `redirect_uri`, in their order. */
export const REDIRECT_TARGET_CHECKS: readonly Check<Facts>[] = [
  { id: 'redirect-uri-once', section: 'RFC 6749 §3.1', error: sentTwice },
  { id: 'redirect-uri-registered', section: 'RFC 9700 §4.1.3', error: notRegistered },
  { id: 'redirect-uri-with-openid', section: 'OIDC Core §3.1.2.1', error: missingWithOpenid },
  { id: 'redirect-uri-unambiguous', section: 'RFC 6749 §3.1.2.3', error: missingAndAmbiguous },
];

/**
 * Finds where the answer may go. Until then no error may be sent by a redirect (RFC 6749 §4.1.2.1), so an `OAuthError` from here
 * is for a page.
 */
export function findRedirectTarget(facts: Facts): RedirectTarget | OAuthError {
  const error = firstError(REDIRECT_TARGET_CHECKS, facts);
  if (error !== undefined) return error;
  const { values, client } = facts;
  const requested = values.get('redirect_uri');
  return { redirectUri: requested ?? client.redirect_uris[0] ?? '', redirectUriSent: requested !== undefined };
}

function sentTwice({ repeated }: Facts): OAuthError | undefined {
  return repeated.includes('redirect_uri') ? refuse('redirect_uri was sent more than once.') : undefined;
}

function notRegistered({ values, client, matches }: Facts): OAuthError | undefined {
  const requested = values.get('redirect_uri');
  if (requested === undefined || client.redirect_uris.some((registered) => matches(registered, requested))) return undefined;
  return refuse('redirect_uri is not one that the client registered.', asSent(requested));
}

/** Whatever is registered: with `openid`, the request must have it. */
function missingWithOpenid({ values, client }: Facts): OAuthError | undefined {
  const isOpenid = (values.get('scope') ?? client.default_scope).split(' ').includes('openid');
  return isOpenid && !values.has('redirect_uri') ? refuse('redirect_uri is required with scope openid.') : undefined;
}

function missingAndAmbiguous({ values, client: { redirect_uris: registered } }: Facts): OAuthError | undefined {
  if (values.has('redirect_uri') || registered.length === 1) return undefined;
  if (registered.length === 0) return refuse('The client has no redirect URI.');
  return refuse('redirect_uri is required: the client registered more than one.');
}

/**
 * A redirect URI that was sent, as the detail of a refusal. Its query is left out, since it may contain a code or a token. A text
 * that is no URI may itself be a code or a token that was sent under the wrong name.
 */
function asSent(redirectUri: string): string {
  const [address = ''] = redirectUri.split(/[?#]/, 1);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(address)) return 'sent: no URI';
  return `sent: ${address}`.slice(0, MAX_DETAIL_LENGTH);
}

function refuse(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_request', description, detail);
}
