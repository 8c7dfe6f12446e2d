import type { CodeChallenge } from './authorization-request.js';
import { isCodeVerifier } from './pkce.js';

interface Issued {
  readonly clientId: string;
  readonly issuedAt: Date;
  readonly redirectUri: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
  readonly redeemedAt?: Date | undefined;
}

interface Attempt {
  readonly clientId: string;
  readonly clientCreatedAt: Date;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
}

const GONE = 'The code is unknown or has expired.';

/**
 * Why a redemption did not fit, for the developer of the client. Who is not the client that the code was issued to learns
 * nothing of it.
 */
export function whyRefused(issued: Issued | undefined, attempt: Attempt): string {
  if (issued?.clientId !== attempt.clientId || issued.issuedAt < attempt.clientCreatedAt) return GONE;
  if (issued.redeemedAt !== undefined) return 'The code was redeemed before; all that it brought has been revoked.';
  return redirectUriMismatch(issued, attempt) ?? verifierMismatch(issued, attempt) ?? GONE;
}

/** RFC 6749 §4.1.3 */
function redirectUriMismatch(issued: Issued, attempt: Attempt): string | undefined {
  if (issued.redirectUri === attempt.redirectUri) return undefined;
  if (issued.redirectUri === undefined) return 'redirect_uri was sent, but not in the authorization request.';
  return attempt.redirectUri === undefined
    ? 'redirect_uri is required: the authorization request had one.'
    : 'redirect_uri is another one than in the authorization request.';
}

/** RFC 7636 §4.6 */
function verifierMismatch({ codeChallenge }: Issued, { codeVerifier }: Attempt): string | undefined {
  if (codeVerifier === undefined) return codeChallenge === undefined ? undefined : 'code_verifier is required.';
  if (!isCodeVerifier(codeVerifier)) return 'code_verifier must have 43 to 128 characters of A-Z, a-z, 0-9, -, ., _ and ~.';
  return codeChallenge === undefined
    ? 'code_verifier was sent, but the authorization request had no code_challenge.'
    : 'code_verifier does not fit the code_challenge.';
}
