/** Creates, changes and removes accounts for an administrator. */
import type { Removed } from '#document/outcomes.js';
import { Database } from '#database/database.js';
import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { ApplyChange } from './apply-change.js';
import { AccountChanged, type AccountWritten, ChangeAccount, CreateAccount, RemoveAccount } from './contracts.js';
import { readNewAccount, readPatch } from './domain/account-document.js';
import { isSubject } from './domain/username.js';
import { EndAllSessions } from './end-all-sessions.js';
import { OpenAccount } from './open-account.js';
import { PasswordHashing } from './password-hashing.js';
import { Accounts } from './persistence/accounts.js';

@HandlesCommand(CreateAccount)
export class CreateAccountHandler {
  constructor(
    private readonly database: Database,
    private readonly openAccount: OpenAccount,
  ) {}

  async execute({ document }: CreateAccount): Promise<AccountWritten> {
    const account = readNewAccount(document);
    if ('errors' in account) return account;
    const passwordHash = await this.openAccount.hash(account);
    return this.database.transaction(async (transaction) => {
      const stored = await this.openAccount.in(transaction, { account, passwordHash, by: 'administrator' });
      return stored === undefined ? { outcome: 'taken' } : { outcome: 'created', stored };
    });
  }
}

@HandlesCommand(ChangeAccount)
export class ChangeAccountHandler {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly hashing: PasswordHashing,
    private readonly applyChange: ApplyChange,
  ) {}

  async execute({ sub, patch, version }: ChangeAccount): Promise<AccountWritten> {
    const before = isSubject(sub) ? await this.accounts.find(sub) : undefined;
    if (before === undefined) return { outcome: 'not-found' };
    if (before.version !== version) return { outcome: 'stale' };

    const change = readPatch(before, patch);
    if ('errors' in change) return change;

    const passwordHash = change.password === undefined ? null : await this.hashing.hash(change.password);
    return this.database.transaction(async (transaction) => {
      const stored = await this.applyChange.in(transaction, before, { ...change, passwordHash });
      return stored === undefined ? { outcome: 'stale' } : { outcome: 'changed', stored };
    });
  }
}

@HandlesCommand(RemoveAccount)
export class RemoveAccountHandler {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly endAllSessions: EndAllSessions,
    private readonly clock: Clock,
  ) {}

  async execute({ sub, version }: RemoveAccount): Promise<Removed> {
    if (!isSubject(sub)) return 'not-found';
    const isRemoved = await this.database.transaction(async (transaction) => {
      if (!(await this.accounts.softDelete(transaction, sub, version, this.clock.now()))) return false;
      transaction.record(new AccountChanged(sub, { sub, change: 'removed' }));
      await this.endAllSessions.in(transaction, sub, 'removed');
      return true;
    });
    if (isRemoved) return 'removed';
    return (await this.accounts.find(sub)) === undefined ? 'not-found' : 'stale';
  }
}
