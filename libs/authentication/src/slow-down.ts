import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Writer } from '#kernel/statement.js';
import { Keyring } from '#kernel/keyring.js';
import { ACCOUNT, ADDRESS, addressKey, type Limits, SIGN_UP } from './domain/slow-down.js';
import { LoginFailures } from './persistence/login-failures.js';

/** An attempt that was let through, to be settled when its outcome is known. */
export interface Attempt {
  readonly address: Buffer;
  readonly account: Buffer | undefined;
}

export type Admission = { readonly attempt: Attempt } | { readonly retryAfter: number };

/** Counts attempts by account and by address, in the database, so that all servers count as one. */
@Injectable()
export class SlowDown {
  constructor(
    private readonly failures: LoginFailures,
    private readonly clock: Clock,
    private readonly keyring: Keyring,
  ) {}

  /** Before a password is checked. The address comes first: one that is slowed down cannot slow down an account. */
  async admitLogin(address: string, claimant: string | undefined): Promise<Admission> {
    const attempt: Attempt = {
      address: this.#key('login address', addressKey(address)),
      account: claimant === undefined ? undefined : this.#key('login account', claimant),
    };
    const wait = (await this.#reserve(attempt.address, ADDRESS))
      ?? (attempt.account && (await this.#reserve(attempt.account, ACCOUNT)));
    return wait === undefined ? { attempt } : { retryAfter: wait };
  }

  /** Seconds to wait before the next sign-up from this address; undefined where it may go on. */
  async admitSignUp(address: string): Promise<number | undefined> {
    return this.#reserve(this.#key('sign-up address', addressKey(address)), SIGN_UP);
  }

  /** Right credentials: the account starts anew, and the address gets this attempt back, but not those before. */
  succeeded(on: Writer, attempt: Attempt): void {
    if (attempt.account !== undefined) this.failures.forget(on, attempt.account);
    this.failures.giveBack(on, attempt.address, ADDRESS);
  }

  /** Changes nothing, in the time that it takes to change something. */
  failed(on: Writer, attempt: Attempt): void {
    this.failures.keep(on, attempt.address);
  }

  async #reserve(key: Buffer, limits: Limits): Promise<number | undefined> {
    const now = this.clock.now();
    const until = await this.failures.reserve(key, limits, now);
    return until && Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
  }

  /** Keyed, because people type passwords into the field for the username, and addresses are few enough to be tried. */
  #key(kind: string, value: string): Buffer {
    return createHmac('sha256', this.keyring.key('login-failures')).update(`${kind}\0${value}`).digest();
  }
}
