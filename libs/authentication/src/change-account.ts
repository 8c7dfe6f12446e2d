import { HandlesCommand } from '#kernel/bus.js';
import { Database } from '#database/database.js';
import { ApplyChange } from './apply-change.js';
import { type AccountWritten, ChangeAccount } from './contracts.js';
import { readPatch } from './domain/account-document.js';
import { isSubject } from './domain/username.js';
import { PasswordHashing } from './password-hashing.js';
import { Accounts } from './persistence/accounts.js';

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
    if ('errors' in change) return { outcome: 'invalid', errors: change.errors };

    const passwordHash = change.password === undefined ? null : await this.hashing.hash(change.password);
    return this.database.transaction(async (transaction) => {
      const account = await this.applyChange.in(transaction, before, { ...change, passwordHash });
      return account === undefined ? { outcome: 'stale' } : { outcome: 'changed', account };
    });
  }
}
