import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import { Database, type Transaction } from '#kernel/database.js';
import { RememberedClients } from './remembered-clients.js';

/** A change of one client: one transaction, after which this server remembers nothing of the client as it was. */
@Injectable()
export class ClientTransaction {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly remembered: RememberedClients,
  ) {}

  async run<T>(clientId: string, work: (transaction: Transaction, now: Date) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction((transaction) => work(transaction, this.clock.now()));
    } finally {
      // After a failure too: the outcome of a commit may be unknown.
      this.remembered.forget(clientId);
    }
  }
}
