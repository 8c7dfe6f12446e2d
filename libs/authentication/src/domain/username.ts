/** Longest username, in code points. */
export const MAX_USERNAME = 64;
const TOO_LONG = `must have at most ${String(MAX_USERNAME)} characters`;

/** Controls, invisible and unassigned characters, separators of lines: two names that look alike must not differ by them. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const VISIBLE = /[\p{L}\p{N}]/u;

/** Names that read as the server's own voice or as a mailbox of RFC 2142; an administrator may give them, sign-up may not. */
const RESERVED: ReadonlySet<string> = new Set([
  'abuse', 'admin', 'administrator', 'anonymous', 'gatehouse', 'hostmaster', 'info', 'me', 'noc', 'null', 'operator',
  'postmaster', 'root', 'security', 'self', 'support', 'sysadmin', 'system', 'undefined', 'webmaster',
]);

/** The form under which a name is unique: compatibility-normalised and in lower case, so that JohnDoe is johndoe. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ').normalize('NFKC');
}

/** Why a text cannot be a username, or undefined. */
export function usernameProblem(username: string): string | undefined {
  // Before the key: one character may become 18 in it.
  if (username.length > 2 * MAX_USERNAME || Array.from(username).length > MAX_USERNAME) return TOO_LONG;
  const key = usernameKey(username);
  if (Array.from(key).length > MAX_USERNAME) return TOO_LONG;
  if (INVISIBLE.test(username) || INVISIBLE.test(key)) return 'must not contain control or invisible characters';
  if (!VISIBLE.test(key)) return 'must contain a letter or a digit';
  if (key.trim() !== key || username.trim() !== username) return 'must not begin or end with a space';
  return undefined;
}

export function isReserved(username: string): boolean {
  return RESERVED.has(usernameKey(username));
}

/** At most 255 ASCII characters (OIDC Core §2); visible ones, since a `sub` is shown, logged and put into URLs and lists. */
export function isSubject(value: string): boolean {
  return /^[!-~]{1,255}$/.test(value);
}
