/** The rules that settings are held to, without the environment they come from. */
import { isIP } from 'node:net';

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
const PROXY_RANGES: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);
const REPEATED = /^(.{1,16})\1+/s;
const EXAMPLE = /change.?me|example|secret|password|gatehouse|0123456789|abcdefgh/i;
export const MIN_DISTINCT_CHARACTERS = 8;

/** Why this string cannot be an issuer (RFC 8414 §2, OpenID Connect Discovery §3), or undefined. */
export function issuerProblem(issuer: string): string | undefined {
  if (!/^https?:\/\//i.test(issuer) || !URL.canParse(issuer)) return 'must be an absolute http or https URL';
  const url = new URL(issuer);
  if (/[?#]/.test(issuer)) return 'must not have a query or a fragment';
  if (url.username !== '' || url.password !== '') return 'must not have a user name or password';
  if (issuer.endsWith('/')) return 'must not end with a slash';
  // Clients compare issuers as strings, so the one spelling is that which every URL parser leaves as it is.
  const canonical = url.pathname === '/' ? url.origin : url.href;
  return issuer === canonical ? undefined : `must be written in its normal form, ${canonical}`;
}

export function isLoopbackIssuer(issuer: string): boolean {
  return LOOPBACK_HOSTS.has(new URL(issuer).hostname);
}

/** As `HOST` is written: an address or a name, without brackets. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Why Fastify's `trustProxy` would not take one of these, or would believe everybody; undefined when it takes them all. */
export function trustedProxiesProblem(proxies: readonly string[]): string | undefined {
  const wrong = proxies.find((proxy) => !PROXY_RANGES.has(proxy) && !isAddressRange(proxy));
  if (wrong === undefined) return undefined;
  const names = [...PROXY_RANGES].join(', ');
  return `must be IP addresses, CIDR ranges of /1 or longer, or ${names}, separated by commas; "${wrong}" is none of these`;
}

function isAddressRange(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/');
  const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (rest.length > 0 || address.includes('%')) return false;
  return length === undefined ? longest > 0 : /^[1-9]\d{0,2}$/.test(length) && Number(length) <= longest;
}

/** Whether a secret, long as it is, was typed and not drawn: few characters, one pattern repeated, or words of examples. */
export function hasWeakPattern(secret: string): boolean {
  const repeated = REPEATED.exec(secret);
  const mostlyRepeated = repeated !== null && repeated[0].length > secret.length / 2;
  return mostlyRepeated || new Set(secret).size < MIN_DISTINCT_CHARACTERS || EXAMPLE.test(secret);
}

/** The known name, all in capitals, with the fewest letters to change. */
export function nearestName(name: string, known: readonly string[]): string {
  const sought = name.toUpperCase();
  return known.reduce((nearest, next) => (distance(sought, next) < distance(sought, nearest) ? next : nearest));
}

/** Levenshtein's distance, one row at a time. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = at(row, column - 1) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, at(row, column) + 1, at(next, column - 1) + 1));
    }
    row = next;
  }
  return at(row, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
