import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Writer } from '#database/statement.js';
import { Keyring } from '#kernel/keyring.js';
import { addressKey } from './domain/login-throttle.js';
import { LoginFailures, type LoginKeys } from './persistence/login-failures.js';

/** An attempt that was let through, to be settled when its outcome is known. */
export type Attempt = LoginKeys;

export type Admission = { readonly attempt: Attempt } | { readonly retryAfter: number };

/** Counts attempts by account and by address, in the database, so that all servers count as one. */
@Injectable()
export class LoginThrottle {
  constructor(
    private readonly failures: LoginFailures,
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  /** Before a password is checked. */
  async admitLogin(address: string, claimant: string | undefined): Promise<Admission> {
    const attempt: Attempt = {
      address: this.#key('login address', addressKey(address)),
      account: claimant === undefined ? undefined : this.#key('login account', claimant),
    };
    const now = this.clock.now();
    const until = await this.failures.admitLogin(attempt, now);
    return until === undefined ? { attempt } : { retryAfter: secondsFrom(now, until) };
  }

  /** Seconds to wait before the next sign-up from this address; undefined where it may go on. */
  async admitSignUp(address: string): Promise<number | undefined> {
    const now = this.clock.now();
    const until = await this.failures.admitSignUp(this.#key('sign-up address', addressKey(address)), now);
    return until && secondsFrom(now, until);
  }

  succeeded(on: Writer, attempt: Attempt): void {
    this.failures.succeeded(on, attempt);
  }

  /** Changes nothing, in the time that it takes to change something. */
  failed(on: Writer, attempt: Attempt): void {
    this.failures.failed(on, attempt);
  }

  /** Keyed, because people type passwords into the field for the username, and addresses are few enough to be tried. */
  #key(kind: string, value: string): Buffer {
    return createHmac('sha256', this.keyring.key('login-failures')).update(`${kind}\0${value}`).digest();
  }
}

function secondsFrom(now: Date, until: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
}
