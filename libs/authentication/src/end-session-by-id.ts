import { validate } from 'uuid';
import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { EndSessionById, SessionEnded } from './contracts.js';
import { Sessions } from './persistence/sessions.js';

@HandlesCommand(EndSessionById)
export class EndSessionByIdHandler {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async execute({ sub, sid }: EndSessionById): Promise<boolean> {
    if (!validate(sid)) return false;
    return this.database.transaction(async (transaction) => {
      const ended = await this.sessions.endById(transaction, sub, sid, this.clock.now());
      if (ended) transaction.record(new SessionEnded(sub, { ...ended, reason: 'logout' }));
      return ended !== undefined;
    });
  }
}
