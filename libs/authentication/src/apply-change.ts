import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { type Account, AccountChanged, AccountLocked } from './contracts.js';
import type { Profile } from './domain/profile.js';
import { EndAllSessions } from './end-all-sessions.js';
import { Accounts } from './persistence/accounts.js';

interface Change {
  readonly profile: Profile;
  readonly locked: boolean;
  readonly passwordHash: string | null;
}

/** Writes a change of an account with all that follows from it: its events, and the end of its sessions. */
@Injectable()
export class ApplyChange {
  constructor(
    private readonly accounts: Accounts,
    private readonly endAllSessions: EndAllSessions,
    private readonly clock: Clock,
  ) {}

  /** The changed account. Undefined if it is no longer the one that the change was made for. */
  async in(transaction: Transaction, before: Account, change: Change): Promise<Account | undefined> {
    const { sub } = before;
    const account = await this.accounts.change(transaction, before, change, this.clock.now());
    if (account === undefined) return undefined;

    if (!isDeepStrictEqual(before.profile, account.profile)) {
      transaction.record(new AccountChanged(sub, { sub, change: 'profile' }));
    }
    if (before.locked && !change.locked) transaction.record(new AccountChanged(sub, { sub, change: 'unlocked' }));
    if (change.passwordHash !== null) {
      transaction.record(new AccountChanged(sub, { sub, change: 'password' }));
      await this.endAllSessions.in(transaction, sub, 'password');
    }
    if (!before.locked && change.locked) {
      transaction.record(new AccountLocked(sub, { sub }));
      await this.endAllSessions.in(transaction, sub, 'locked');
    }
    return account;
  }
}
