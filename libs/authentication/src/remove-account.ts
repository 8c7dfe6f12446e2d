import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { AccountChanged, RemoveAccount } from './contracts.js';
import { isSubject } from './domain/username.js';
import { EndAllSessions } from './end-all-sessions.js';
import { Accounts } from './persistence/accounts.js';

@HandlesCommand(RemoveAccount)
export class RemoveAccountHandler {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly endAllSessions: EndAllSessions,
    private readonly clock: Clock,
  ) {}

  async execute({ sub, version }: RemoveAccount): Promise<'removed' | 'stale' | 'not-found'> {
    if (!isSubject(sub)) return 'not-found';
    const removed = await this.database.transaction(async (transaction) => {
      if (!(await this.accounts.softDelete(transaction, sub, version, this.clock.now()))) return false;
      transaction.record(new AccountChanged(sub, { sub, change: 'removed' }));
      await this.endAllSessions.in(transaction, sub, 'removed');
      return true;
    });
    if (removed) return 'removed';
    return (await this.accounts.find(sub)) === undefined ? 'not-found' : 'stale';
  }
}
