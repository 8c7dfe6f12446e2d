/**
 * Which redirect URIs a client may register, and when a requested one is a registered one. Everything is decided on the
 * string itself and not on what a URL parser makes of it, since parsers repair, and each repairs differently (RFC 9700 §4.1).
 */

/** In characters, which are ASCII. */
export const MAX_REDIRECT_URI_LENGTH = 2048;

const NOT_OF_A_URI = /[^\w\-.~:/?#[\]@!$&'()*+,;=%]|%(?![0-9A-Fa-f]{2})/;
const PARTS = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?]*))?/i;
/** `;`, `,` and `'` mean something in a Content-Security-Policy, where the host of a form's target goes. */
const AUTHORITY = /^([^:[\]%;,']+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const LOOPBACK_ADDRESS = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?((?:[/?].*)?)$/s;

/**
 * Says in one sentence why a client must not register this URI (RFC 6749 §3.1.2, RFC 8252 §7 and §8.3);
 * `undefined` when it may.
 */
export function redirectUriProblem(uri: string): string | undefined {
  if (uri.length > MAX_REDIRECT_URI_LENGTH) return `must not be longer than ${String(MAX_REDIRECT_URI_LENGTH)} characters`;
  if (NOT_OF_A_URI.test(uri)) return 'must consist of the ASCII characters of a URI (RFC 3986), without spaces';
  if (uri.includes('#')) return 'must not have a fragment (RFC 6749 §3.1.2)';
  const parts = PARTS.exec(uri);
  if (parts?.[1] === undefined) return 'must be an absolute URI with a scheme';
  const scheme = parts[1].toLowerCase();
  return authorityProblem(parts[2]) ?? schemeProblem(scheme, parts[2]) ?? (URL.canParse(uri) ? undefined : 'must be a valid URI');
}

/**
 * Whether a request's redirect URI is this registered one: character by character, except that the port of a loopback
 * address is the native app's to choose at run time (RFC 8252 §7.3). `localhost` is a name, and names are compared exactly.
 */
export function matchesRedirectUri(registered: string, requested: string): boolean {
  if (registered === requested) return true;
  const ours = LOOPBACK_ADDRESS.exec(registered);
  const theirs = LOOPBACK_ADDRESS.exec(requested);
  if (ours === null || theirs === null) return false;
  return ours[1] === theirs[1] && ours[3] === theirs[3] && Number(theirs[2] ?? 80) <= 65_535;
}

function authorityProblem(authority: string | undefined): string | undefined {
  if (authority === undefined || authority === '') return undefined;
  if (authority.includes('@')) return 'must not have a user name or password';
  const host = AUTHORITY.exec(authority)?.[1];
  if (host === undefined) return 'must have a plain host, and a port, if any, in digits';
  return host.includes('*') ? 'must not have a wildcard in the host' : undefined;
}

function schemeProblem(scheme: string, authority: string | undefined): string | undefined {
  if (scheme === 'http' || scheme === 'https') {
    if (authority === undefined || authority === '') return 'must have a host after //';
    const host = authority.replace(/:\d+$/, '').toLowerCase();
    if (scheme === 'https' || LOOPBACK_HOSTS.has(host)) return undefined;
    return 'must use https; http is for localhost, 127.0.0.1 and [::1] only (RFC 8252 §8.3)';
  }
  // The dot keeps out javascript:, data:, file: and whatever else a browser runs by itself: none of them has one.
  return scheme.includes('.') ? undefined : 'must use https, or a private-use scheme with a dot in it (RFC 8252 §7.1)';
}
