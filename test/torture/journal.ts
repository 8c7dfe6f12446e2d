/**
 * What clients, people and administrators did, and what they were told. A verdict compares it with what the server keeps: an
 * answer that arrived is a promise, and what was never answered may have happened or not.
 */
import { createHash } from 'node:crypto';
import { grouped } from './grouped.js';

/** `unknown`: the connection broke, the answer was cut off, or it was a 503, which says nothing of the outcome. */
export type Outcome = 'done' | 'refused' | 'unknown';

/**
 * What was attempted. The key says on what: `sub`; `client_id`; `sub client_id` for consents and codes; the hash of the code or of
 * the refresh token.
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
  /** Milliseconds since 1970, of the machine that all servers run on. */
  readonly sentAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** What the answer brought: the hash of the code or of the successor, the ID of the secret. */
  readonly brought?: string;
}

export interface ReceivedToken {
  readonly value: string;
  readonly hash: string;
  readonly clientId: string;
  /** The hash of the code that began the grant; undefined where the client acts for itself. */
  readonly code: string | undefined;
}

export interface ReceivedIdToken {
  readonly value: string;
  readonly clientId: string;
  readonly sub: string;
}

/** An access token was shown at userinfo during the load. */
export interface Look {
  readonly code: string;
  readonly sentAt: number;
  readonly good: boolean;
}

export interface HeldCode {
  readonly clientId: string;
  readonly sub: string;
}

export interface HeldRefreshToken {
  /** The hash of the code that began the grant. */
  readonly code: string;
  /** Of the client, in seconds. */
  readonly grace: number;
}

export class Journal {
  readonly attempts: Attempt[] = [];
  readonly codes = new Map<string, HeldCode>();
  readonly refreshTokens = new Map<string, HeldRefreshToken>();
  readonly accessTokens: ReceivedToken[] = [];
  readonly idTokens: ReceivedIdToken[] = [];
  readonly looks: Look[] = [];
  /** Of those whose sign-up was answered, by username. */
  readonly passwords = new Map<string, string>();
  /** Answers that no outage excuses: a 500, a refusal of what is right, one that came too late. */
  readonly complaints: string[] = [];

  note(attempt: Attempt): void {
    this.attempts.push(attempt);
  }

  receive(value: string, clientId: string, code: string | undefined): void {
    this.accessTokens.push({ value, hash: hashOf(value), clientId, code });
  }

  of(change: Change): Attempt[] {
    return this.attempts.filter((attempt) => attempt.change === change);
  }

  /** The attempts of one kind, by their key. */
  byKey(change: Change): Map<string, Attempt[]> {
    return grouped(this.of(change), ({ key }) => key);
  }
}

/** As the server stores codes and tokens. */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
