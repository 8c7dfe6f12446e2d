const MAX_CLIENT_ID_LENGTH = 256;
const PRINTABLE = /^[!-~]+$/;

export const CLIENT_ID_SCHEMA = { type: 'string', minLength: 1, maxLength: MAX_CLIENT_ID_LENGTH, pattern: PRINTABLE.source };

/** Why this cannot be a client ID, or undefined. The characters are those of RFC 6749 Appendix A.1 without the space. */
export function clientIdProblem(clientId: unknown): string | undefined {
  if (typeof clientId !== 'string') return 'must be a string';
  if (clientId.length === 0 || clientId.length > MAX_CLIENT_ID_LENGTH) {
    return `must have from 1 to ${String(MAX_CLIENT_ID_LENGTH)} characters`;
  }
  if (!PRINTABLE.test(clientId)) return 'must consist of printable ASCII characters without space';
  // Every URL parser resolves them away, so such a client could not be addressed.
  return clientId === '.' || clientId === '..' ? 'must not be a dot segment of a path' : undefined;
}
