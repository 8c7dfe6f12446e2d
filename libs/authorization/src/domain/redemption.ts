import { type Check, firstError } from '#kernel/check.js';
import { OAuthError } from '#kernel/errors.js';
import type { CodeChallengeMethod } from '#kernel/protocol-names.js';
import { challengeOf, isCodeVerifier } from './pkce.js';

/** The stored code, as far as a redemption depends on it. */
export interface IssuedCode {
  readonly clientId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly redirectUri?: string | undefined;
  readonly codeChallenge?: string | undefined;
  readonly codeChallengeMethod?: CodeChallengeMethod | undefined;
  readonly redeemedAt?: Date | undefined;
}

/** What the client sent to redeem it. */
export interface RedemptionAttempt {
  readonly clientId: string;
  /** A client that was registered anew under an old ID inherits no codes: those are older than it. */
  readonly clientCreatedAt: Date;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
}

interface Facts {
  /** Undefined if no such code is stored. */
  readonly code: IssuedCode | undefined;
  readonly attempt: RedemptionAttempt;
  readonly now: Date;
}

const UNKNOWN = 'The code is unknown or has expired.';
const REDEEMED = 'The code was redeemed before; all that it brought has been revoked.';

function check(id: string, section: string, problem: (code: IssuedCode, attempt: RedemptionAttempt, now: Date) => string | undefined) {
  const error = ({ code, attempt, now }: Facts): OAuthError | undefined => {
    const description = code === undefined ? UNKNOWN : problem(code, attempt, now);
    return description === undefined ? undefined : new OAuthError('invalid_grant', description);
  };
  return { id, section, error };
}

/**
 * The rules of a redemption, in their order. Another client than the one that the code was issued to learns nothing about it.
 * That the code is still unused at the moment of the write is not decided here, but by the write.
 */
export const REDEMPTION_CHECKS: readonly Check<Facts>[] = [
  check('code-known', 'RFC 6749 §5.2', () => undefined),
  check('code-of-this-client', 'RFC 6749 §4.1.3', (code, attempt) => (isFor(code, attempt) ? undefined : UNKNOWN)),
  check('code-unused', 'RFC 6749 §4.1.2', ({ redeemedAt }) => (redeemedAt === undefined ? undefined : REDEEMED)),
  check('code-not-expired', 'RFC 6749 §4.1.2', ({ expiresAt }, _, now) => (expiresAt > now ? undefined : UNKNOWN)),
  check('redirect-uri-identical', 'RFC 6749 §4.1.3', redirectUriProblem),
  check('code-verifier-fits', 'RFC 7636 §4.6', verifierProblem),
];

/** The code, if this attempt may redeem it. */
export function checkRedemption<Code extends IssuedCode>(facts: Facts & { readonly code: Code | undefined }): Code | OAuthError {
  return firstError(REDEMPTION_CHECKS, facts) ?? facts.code ?? new OAuthError('invalid_grant', UNKNOWN);
}

/** Whether the code was issued to the client that presents it. */
export function isFor(code: IssuedCode, { clientId, clientCreatedAt }: RedemptionAttempt): boolean {
  return code.clientId === clientId && code.issuedAt >= clientCreatedAt;
}

function redirectUriProblem({ redirectUri }: IssuedCode, attempt: RedemptionAttempt): string | undefined {
  if (redirectUri === attempt.redirectUri) return undefined;
  if (redirectUri === undefined) return 'redirect_uri was sent, but not in the authorization request.';
  return attempt.redirectUri === undefined
    ? 'redirect_uri is required: the authorization request had one.'
    : 'redirect_uri is another one than in the authorization request.';
}

function verifierProblem(code: IssuedCode, { codeVerifier }: RedemptionAttempt): string | undefined {
  const { codeChallenge, codeChallengeMethod = 'plain' } = code;
  if (codeVerifier === undefined) return codeChallenge === undefined ? undefined : 'code_verifier is required.';
  if (!isCodeVerifier(codeVerifier)) return 'code_verifier must have 43 to 128 characters of A-Z, a-z, 0-9, -, ., _ and ~.';
  if (codeChallenge === undefined) return 'code_verifier was sent, but the authorization request had no code_challenge.';
  return challengeOf(codeVerifier, codeChallengeMethod) === codeChallenge ? undefined : 'code_verifier does not fit the code_challenge.';
}
