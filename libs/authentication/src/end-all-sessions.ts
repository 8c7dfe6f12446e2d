import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { type SessionEnd, SessionEnded } from './contracts.js';
import { Sessions } from './persistence/sessions.js';

/** Ends every session of an account, in the transaction that has just changed its row: none can begin in between. */
@Injectable()
export class EndAllSessions {
  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async in(transaction: Transaction, sub: string, reason: SessionEnd): Promise<void> {
    const ended = await this.sessions.endAll(transaction, sub, this.clock.now());
    transaction.record(...ended.map((session) => new SessionEnded(sub, { ...session, reason })));
  }
}
