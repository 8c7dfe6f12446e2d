import { type Check, firstError } from '#kernel/check.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope, isWithinScope } from '#kernel/scope.js';
import type { ExpiringSecret } from '#kernel/secrets.js';

/** The stored refresh token and its grant, as far as a refresh depends on them. */
export interface StoredToken {
  readonly expiresAt: Date;
  readonly grant: {
    readonly clientId: string;
    readonly createdAt: Date;
    readonly expiresAt: Date;
    readonly revokedAt?: Date | undefined;
    readonly scope: readonly string[];
  };
  /** Set once the token was used. */
  readonly rotation: Rotation | undefined;
}

export interface Rotation {
  readonly at: Date;
  /** The `scope` parameter of the refresh that used the token. */
  readonly scope: string;
  /** The refresh token that took its place; undefined if it cannot be read any more. */
  readonly successor: ExpiringSecret | undefined;
}

/** What the client sent, and what its registration says. */
export interface RefreshAttempt {
  readonly clientId: string;
  /** A client that was registered anew under an old ID inherits no tokens: their grants are older than it. */
  readonly clientCreatedAt: Date;
  /** Seconds; null if the client gets no refresh tokens. */
  readonly lifetime: number | null;
  /** Seconds in which a used token gets the same successor again; 0 turns that off. */
  readonly grace: number;
  /** The `scope` parameter; empty if it was left out, which means all of the grant's scope (RFC 6749 §6). */
  readonly scope: readonly string[];
}

interface Facts<Token extends StoredToken = StoredToken> {
  /** Undefined if no such token is stored. */
  readonly token: Token | undefined;
  readonly attempt: RefreshAttempt;
  readonly now: Date;
}

export type RefreshState<Token> =
  /** `lifetime`: of the next refresh token, in seconds. */
  | { readonly state: 'active'; readonly token: Token; readonly lifetime: number }
  /** The same request again: its answer was lost, or two were sent at once. It gets the same successor. */
  | { readonly state: 'repeated'; readonly token: Token; readonly successor: ExpiringSecret }
  /** The token was used before: the grant must be revoked, since one of the two uses may be a thief's (RFC 9700 §4.14.2). */
  | { readonly state: 'reused'; readonly token: Token }
  | { readonly state: 'refused'; readonly error: OAuthError };

type Problem = (token: StoredToken, attempt: RefreshAttempt, now: Date) => boolean;

function check(id: string, section: string, isProblem: Problem, refuse = unknownToken): Check<Facts> {
  const isRefused = ({ token, attempt, now }: Facts): boolean => token === undefined || isProblem(token, attempt, now);
  return { id, section, error: (facts) => (isRefused(facts) ? refuse() : undefined) };
}

/** The rules of a refresh, in their order. The last two are for a token that was not used yet. */
export const REFRESH_CHECKS: readonly Check<Facts>[] = [
  check('refresh-allowed', 'RFC 6749 §6', (_, { lifetime }) => lifetime === null),
  check('token-known', 'RFC 6749 §5.2', () => false),
  check('token-of-this-client', 'RFC 6749 §6', ({ grant }, { clientId, clientCreatedAt }) =>
    grant.clientId !== clientId || grant.createdAt < clientCreatedAt),
  check('grant-not-revoked', 'RFC 7009 §2.1', ({ grant }) => grant.revokedAt !== undefined),
  check('grant-not-expired', 'RFC 6749 §5.2', ({ grant }, _, now) => grant.expiresAt <= now),
  check('scope-within-grant', 'RFC 6749 §6', ({ grant, rotation }, { scope }) =>
    rotation === undefined && !isWithinScope(scope, grant.scope), scopeTooWide),
  check('token-not-expired', 'RFC 6749 §5.2', ({ expiresAt, rotation }, _, now) => rotation === undefined && expiresAt <= now),
];

/** What a refresh with this token means. That an active token is used once is not decided here, but by the write. */
export function refreshState<Token extends StoredToken>({ token, attempt, now }: Facts<Token>): RefreshState<Token> {
  const error = firstError(REFRESH_CHECKS, { token, attempt, now });
  if (error !== undefined || token === undefined) return { state: 'refused', error: error ?? unknownToken() };
  const { rotation } = token;
  if (rotation === undefined) return { state: 'active', token, lifetime: attempt.lifetime ?? 0 };
  const { successor } = rotation;
  if (successor !== undefined && isRepetition(rotation, attempt, now)) return { state: 'repeated', token, successor };
  return { state: 'reused', token };
}

/** RFC 9700 §4.14.2 leaves a grace period to the server. */
function isRepetition({ at, scope }: Rotation, attempt: RefreshAttempt, now: Date): boolean {
  // Of two uses at once, the one that lost may have begun first: then `now` is before `at`, with any grace.
  const isWithinGrace = attempt.grace > 0 && now.getTime() - at.getTime() < attempt.grace * 1000;
  return isWithinGrace && formatScope(attempt.scope) === scope;
}

export function unknownToken(): OAuthError {
  return new OAuthError('invalid_grant', 'The refresh token is unknown, expired or revoked.');
}

function scopeTooWide(): OAuthError {
  return new OAuthError('invalid_scope', 'The scope goes beyond the one that was granted.');
}
