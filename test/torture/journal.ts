/**
 * What clients, users and administrators requested, and what was answered. The invariants compare the journal with the tables of the
 * server. A change that was answered must be stored; a change without an answer may be stored or not.
 */
import { createHash } from 'node:crypto';
import { groupBy } from './group-by.js';

/** `unknown`: the connection broke before or within the answer, or the answer was a 503. Neither tells the outcome. */
export type Outcome = 'done' | 'refused' | 'unknown';

/**
 * What was attempted. The key of an attempt is a `sub`, a `client_id`, both of them for consents and codes, or the hash of the code or
 * refresh token.
 */
export type Change =
  | 'sign-up'
  | 'create-account'
  | 'set-password'
  | 'lock'
  | 'log-in'
  | 'register-client'
  | 'change-client'
  | 'remove-client'
  | 'add-secret'
  | 'remove-secret'
  | 'allow'
  | 'withdraw'
  | 'authorize'
  | 'redeem'
  | 'refresh'
  | 'client-credentials';

export interface Attempt {
  readonly change: Change;
  readonly key: string;
  /** In milliseconds since 1970. All servers run on the same machine. */
  readonly sentAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** The hash of the refresh token in the answer. */
  readonly issued?: string;
}

export interface ReceivedToken {
  readonly value: string;
  readonly hash: string;
  readonly clientId: string;
  /** The hash of the code that the grant began with; undefined for `client_credentials`. */
  readonly code: string | undefined;
}

export interface ReceivedIdToken {
  readonly value: string;
  readonly clientId: string;
  readonly sub: string;
}

/** An access token was used at the userinfo endpoint during the load. */
export interface UserinfoCall {
  readonly code: string;
  readonly sentAt: number;
  readonly accepted: boolean;
}

export interface CodeOwner {
  readonly clientId: string;
  readonly sub: string;
}

export interface RefreshTokenOrigin {
  /** The hash of the code that the grant began with. */
  readonly code: string;
  /** The client's `refresh_token_grace`, in seconds. */
  readonly grace: number;
}

export class Journal {
  readonly attempts: Attempt[] = [];
  readonly codes = new Map<string, CodeOwner>();
  readonly refreshTokens = new Map<string, RefreshTokenOrigin>();
  readonly accessTokens: ReceivedToken[] = [];
  readonly idTokens: ReceivedIdToken[] = [];
  readonly userinfoCalls: UserinfoCall[] = [];
  /** By username, of each user whose sign-up was answered. */
  readonly passwords = new Map<string, string>();
  /** Answers that no outage explains: a status of 500, a valid request that was refused, an answer after the time limit. */
  readonly unexpected: string[] = [];

  record(attempt: Attempt): void {
    this.attempts.push(attempt);
  }

  recordAccessToken(value: string, clientId: string, code: string | undefined): void {
    this.accessTokens.push({ value, hash: hashOf(value), clientId, code });
  }

  of(change: Change): Attempt[] {
    return this.attempts.filter((attempt) => attempt.change === change);
  }

  /** The attempts at one kind of change, by key. */
  byKey(change: Change): Map<string, Attempt[]> {
    return groupBy(this.of(change), ({ key }) => key);
  }
}

/** The SHA-256 by which the server stores codes and tokens. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
