import type { CodeChallenge } from './authorization-request.js';

interface Issued {
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
  readonly redeemedAt?: Date | undefined;
}

interface Attempt {
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
}

/**
 * Why a redemption did not fit, for the developer of the client. Who is not the client that the code was issued to learns
 * nothing of it.
 */
export function whyRefused(issued: Issued | undefined, attempt: Attempt): string {
  if (issued?.clientId !== attempt.clientId) return 'The code is unknown or has expired.';
  if (issued.redeemedAt !== undefined) return 'The code was redeemed before; all that it brought has been revoked.';
  if (issued.redirectUri !== attempt.redirectUri) {
    if (issued.redirectUri === undefined) return 'redirect_uri was sent, but not in the authorization request.';
    return attempt.redirectUri === undefined
      ? 'redirect_uri is required: the authorization request had one.'
      : 'redirect_uri is another one than in the authorization request.';
  }
  if (issued.codeChallenge === undefined && attempt.codeVerifier !== undefined) {
    return 'code_verifier was sent, but the authorization request had no code_challenge.';
  }
  if (issued.codeChallenge !== undefined) {
    return attempt.codeVerifier === undefined ? 'code_verifier is required.' : 'code_verifier does not fit the code_challenge.';
  }
  return 'The code is unknown or has expired.';
}
