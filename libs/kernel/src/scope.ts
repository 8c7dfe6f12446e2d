/**
 * The scope parameter (RFC 6749 §3.3): `scope-token *( SP scope-token )`, where a token is printable ASCII without space,
 * `"` and `\`. A scope is a set whose order means nothing, but the order that was asked in is kept, for the answer.
 */

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * The tokens in their order, each once. The empty string is malformed, as the grammar has it: at the endpoints an empty
 * parameter counts as left out before it comes here (RFC 6749 §3.1).
 */
export function parseScope(value: string): readonly string[] | 'malformed' {
  const tokens = value.split(' ');
  return tokens.every((token) => SCOPE_TOKEN.test(token)) ? [...new Set(tokens)] : 'malformed';
}

/** The wire form; `''` for no scope. */
export function formatScope(scope: readonly string[]): string {
  return scope.join(' ');
}

/** Whether nothing is requested beyond what was granted or assigned (RFC 6749 §3.3, §6: a scope may narrow, never widen). */
export function isWithinScope(requested: readonly string[], granted: readonly string[]): boolean {
  const known = new Set(granted);
  return requested.every((token) => known.has(token));
}

/** The tokens of a scope that is known to be well-formed, such as a stored one. */
export function scopeTokens(scope: string): readonly string[] {
  return scope === '' ? [] : scope.split(' ');
}
