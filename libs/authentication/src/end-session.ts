import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { EndSession, SessionEnded } from './contracts.js';
import { Sessions } from './persistence/sessions.js';

@HandlesCommand(EndSession)
export class EndSessionHandler {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async execute(command: EndSession): Promise<void> {
    const secret = ExpiringSecret.parse(command.secret.reveal());
    if (secret === undefined) return;
    await this.database.transaction(async (transaction) => {
      const ended = await this.sessions.end(transaction, secret, this.clock.now());
      if (ended) transaction.record(new SessionEnded(ended.sub, { ...ended, reason: 'logout' }));
    });
  }
}
