/**
 * Which redirect URIs a client may register, and when a requested one is a registered one. Everything is decided on the string
 * itself: a URL parser repairs what it reads, and each parser repairs differently (RFC 9700 §4.1).
 */
import { type Check, firstError } from '#kernel/check.js';

/** In characters, which are ASCII. */
export const MAX_REDIRECT_URI_LENGTH = 2048;

const NOT_OF_A_URI = /[^\w\-.~:/?#[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})/;
const PARTS = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?]*))?/i;
/** `;`, `,` and `'` have a meaning in a Content-Security-Policy, which names the host of a form's target. */
const AUTHORITY = /^([^:[\]%;,']+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_ADDRESS = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?((?:[/?].*)?)$/s;

/** The rules of a redirect URI that a client registers, in their order; each problem is a sentence without its subject. */
export const REDIRECT_URI_CHECKS: readonly Check<string, string>[] = [
  { id: 'uri-length', section: 'RFC 6749 §3.1.2', error: tooLong },
  { id: 'uri-characters', section: 'RFC 3986 §2', error: wrongCharacter },
  { id: 'uri-without-fragment', section: 'RFC 6749 §3.1.2', error: fragment },
  { id: 'uri-absolute', section: 'RFC 6749 §3.1.2', error: relative },
  { id: 'uri-authority', section: 'RFC 9700 §4.1.3', error: (uri) => authorityProblem(partsOf(uri).authority) },
  { id: 'uri-scheme', section: 'RFC 8252 §7', error: (uri) => schemeProblem(partsOf(uri)) },
  { id: 'uri-valid', section: 'RFC 3986 §3', error: (uri) => (URL.canParse(uri) ? undefined : 'must be a valid URI') },
];

/** Why a client must not register this URI; undefined if it may. */
export function redirectUriProblem(uri: string): string | undefined {
  return firstError(REDIRECT_URI_CHECKS, uri);
}

/**
 * Whether a requested redirect URI is this registered one. They are compared character by character, except for the port of a
 * loopback address, which a native app chooses at run time (RFC 8252 §7.3). `localhost` is a name, and names are compared exactly.
 */
export function matchesRedirectUri(registered: string, requested: string): boolean {
  if (registered === requested) return true;
  const ours = LOOPBACK_ADDRESS.exec(registered);
  const theirs = LOOPBACK_ADDRESS.exec(requested);
  if (ours === null || theirs === null) return false;
  return ours[1] === theirs[1] && ours[3] === theirs[3] && Number(theirs[2] ?? 80) <= 65_535;
}

interface Parts {
  readonly scheme: string | undefined;
  readonly authority: string | undefined;
}

function partsOf(uri: string): Parts {
  const [, scheme, authority] = PARTS.exec(uri) ?? [];
  return { scheme: scheme?.toLowerCase(), authority };
}

function tooLong(uri: string): string | undefined {
  return uri.length > MAX_REDIRECT_URI_LENGTH ? `must not be longer than ${String(MAX_REDIRECT_URI_LENGTH)} characters` : undefined;
}

function wrongCharacter(uri: string): string | undefined {
  return NOT_OF_A_URI.test(uri) ? 'must consist of the ASCII characters of a URI (RFC 3986), without spaces' : undefined;
}

function fragment(uri: string): string | undefined {
  return uri.includes('#') ? 'must not have a fragment (RFC 6749 §3.1.2)' : undefined;
}

function relative(uri: string): string | undefined {
  return partsOf(uri).scheme === undefined ? 'must be an absolute URI with a scheme' : undefined;
}

function authorityProblem(authority: string | undefined): string | undefined {
  if (authority === undefined || authority === '') return undefined;
  if (authority.includes('@')) return 'must not have a user name or password';
  const host = AUTHORITY.exec(authority)?.[1];
  if (host === undefined) return 'must have a plain host, and a port, if any, in digits';
  return host.includes('*') ? 'must not have a wildcard in the host' : undefined;
}

function schemeProblem({ scheme = '', authority }: Parts): string | undefined {
  if (scheme === 'http' || scheme === 'https') {
    if (authority === undefined || authority === '') return 'must have a host after //';
    const host = authority.replace(/:\d+$/, '').toLowerCase();
    if (scheme === 'https' || LOOPBACK_HOSTS.has(host)) return undefined;
    return 'must use https; http is for localhost, 127.0.0.1 and [::1] only (RFC 8252 §8.3)';
  }
  // javascript:, data:, file: and the other schemes that a browser handles itself have no dot.
  return scheme.includes('.') ? undefined : 'must use https, or a private-use scheme with a dot in it (RFC 8252 §7.1)';
}
