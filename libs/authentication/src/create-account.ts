import { HandlesCommand } from '#kernel/bus.js';
import { Database } from '#database/database.js';
import { type AccountWritten, CreateAccount } from './contracts.js';
import { readNewAccount } from './domain/account-document.js';
import { OpenAccount } from './open-account.js';

@HandlesCommand(CreateAccount)
export class CreateAccountHandler {
  constructor(
    private readonly database: Database,
    private readonly openAccount: OpenAccount,
  ) {}

  async execute({ document }: CreateAccount): Promise<AccountWritten> {
    const account = readNewAccount(document);
    if ('errors' in account) return { outcome: 'invalid', errors: account.errors };
    const passwordHash = await this.openAccount.hash(account);
    return this.database.transaction(async (transaction) => {
      const opened = await this.openAccount.in(transaction, { account, passwordHash, by: 'administrator' });
      return opened === undefined ? { outcome: 'taken' } : { outcome: 'created', account: opened };
    });
  }
}
