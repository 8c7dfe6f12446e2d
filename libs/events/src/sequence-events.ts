import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import { Handlers } from './handlers.js';
import { EventLog, type Moved } from './persistence/event-log.js';
import { RelayOptions } from './relay-options.js';

/** A handler that no server has announced for this long gets no new deliveries. */
const FORGOTTEN_AFTER_MS = 24 * 3600 * 1000;

/** Moves committed facts from the outbox into the log and addresses them to their handlers, on whichever server comes first. */
@Injectable()
export class SequenceEvents {
  constructor(
    private readonly log: EventLog,
    private readonly handlers: Handlers,
    private readonly clock: Clock,
    private readonly pace: RelayOptions,
  ) {}

  /** When it returns, every fact that was committed before the call has its position. Tells what was left for this call to do. */
  async run(): Promise<Moved> {
    await this.handlers.announce();
    const all = { moved: 0, addressed: 0 };
    for (;;) {
      const { moved, addressed } = await this.moveBatch();
      all.moved += moved;
      all.addressed += addressed;
      if (moved < this.pace.batch) return all;
    }
  }

  /** Like `run`, for callers who expect that nothing waits: then it takes no lock. */
  async catchUp(): Promise<void> {
    if (await this.log.anyWaiting()) await this.run();
  }

  private async moveBatch(): Promise<Moved> {
    const now = this.clock.now();
    return this.log.moveBatch(this.pace.batch, now, new Date(now.getTime() - FORGOTTEN_AFTER_MS));
  }
}
