import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import { Handlers } from './handlers.js';
import { EventLog } from './persistence/event-log.js';
import { RelayPace } from './relay-pace.js';

/** A handler that no server has announced for this long gets no new deliveries. */
const FORGOTTEN_AFTER_MS = 24 * 3600 * 1000;

/** Moves committed facts from the outbox into the log and addresses them to their handlers, on whichever server comes first. */
@Injectable()
export class SequenceEvents {
  constructor(
    private readonly log: EventLog,
    private readonly handlers: Handlers,
    private readonly clock: Clock,
    private readonly pace: RelayPace,
  ) {}

  /** When it returns, every fact that was committed before the call has its position. */
  async run(): Promise<void> {
    await this.handlers.announce();
    if (!(await this.log.anyWaiting())) return;
    while ((await this.moveBatch()) === this.pace.batch);
  }

  private async moveBatch(): Promise<number> {
    const now = this.clock.now();
    return this.log.moveBatch(this.pace.batch, now, new Date(now.getTime() - FORGOTTEN_AFTER_MS));
  }
}
