import { Injectable } from '@nestjs/common';
import { v4 as uuidv4 } from 'uuid';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { type Account, AccountCreated, AccountLocked } from './contracts.js';
import type { NewAccount } from './domain/account-document.js';
import { isSubject, usernameKey } from './domain/username.js';
import { PasswordHashing } from './password-hashing.js';
import { Accounts } from './persistence/accounts.js';

/** Opens an account, for the administrator and for the sign-up page. */
@Injectable()
export class OpenAccount {
  constructor(
    private readonly accounts: Accounts,
    private readonly hashing: PasswordHashing,
    private readonly clock: Clock,
  ) {}

  /** The hash to store. It is made before the transaction, and before anyone knows whether the name is free. */
  async hash({ credential }: NewAccount): Promise<string> {
    return 'password' in credential ? this.hashing.hash(credential.password) : credential.passwordHash.reveal();
  }

  /** Undefined if the sub or the username was ever given before. */
  async in(
    transaction: Transaction,
    opening: { account: NewAccount; passwordHash: string; by: 'sign-up' | 'administrator' },
  ): Promise<Account | undefined> {
    const { username, profile, locked } = opening.account;
    const sub = opening.account.sub ?? (isSubject(username) ? username : uuidv4());
    const stored = await this.accounts.insert(
      transaction,
      { sub, username, usernameKey: usernameKey(username), passwordHash: opening.passwordHash, profile, locked },
      this.clock.now(),
    );
    if (stored === undefined) return undefined;
    transaction.record(new AccountCreated(sub, { sub, by: opening.by }));
    if (locked) transaction.record(new AccountLocked(sub, { sub }));
    return stored;
  }
}
