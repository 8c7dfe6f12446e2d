import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { Database } from '#database/database.js';
import { ClientCache } from './client-cache.js';

/** A change of one client in one transaction. Afterwards the cache of this server does not hold the client as it was. */
@Injectable()
export class ClientTransaction {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly remembered: ClientCache,
  ) {}

  async run<T>(clientId: string, work: (transaction: Transaction, now: Date) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction((transaction) => work(transaction, this.clock.now()));
    } finally {
      // After a failure too, since the outcome of a commit may be unknown.
      this.remembered.forget(clientId);
    }
  }
}
