import { HandlesQuery } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { GetOutboxLag, type OutboxLag } from './contracts.js';
import { EventLog } from './persistence/event-log.js';

@HandlesQuery(GetOutboxLag)
export class GetOutboxLagHandler {
  constructor(
    private readonly log: EventLog,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<OutboxLag> {
    const { waiting, oldest } = await this.log.lag();
    const age = oldest === null ? 0 : this.clock.now().getTime() - oldest.getTime();
    // Clocks of servers differ a little.
    return { waiting, oldestSeconds: Math.max(0, age / 1000) };
  }
}
