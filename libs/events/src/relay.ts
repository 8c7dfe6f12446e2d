import { randomInt } from 'node:crypto';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DatabaseUnavailable } from '#kernel/errors.js';
import { Outbox } from '#database/outbox.js';
import { DeliverEvents } from './deliver-events.js';
import { outagePause } from './domain/pause.js';
import { RelayOptions } from './relay-options.js';
import { SequenceEvents } from './sequence-events.js';
import { withTimeout } from './with-timeout.js';

/**
 * The rounds of this server: move what is committed, start what is due, rest. A commit on this server ends the rest, at once
 * where the last round is a moment ago; for those of other servers, and for deliveries that become due again, there is a look
 * every second.
 */
@Injectable()
export class Relay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(Relay.name);
  #rounds: Promise<void> = Promise.resolve();
  #stopping = false;
  #failures = 0;
  #called = false;
  #gathered = false;
  #nextLook = 0;
  #endRest: () => void = () => undefined;

  constructor(
    private readonly outbox: Outbox,
    private readonly sequencer: SequenceEvents,
    private readonly deliverer: DeliverEvents,
    private readonly pace: RelayOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.outbox.onCommit(() => this.call());
    this.#rounds = this.goRound();
  }

  /**
   * One more round, for what was committed since the last one, then waits for the handlers under way; all in a bounded time.
   * What stays behind is in the outbox or covered by its lease.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping = true;
    this.#endRest();
    try {
      await withTimeout(this.pace.drainMs, async () => {
        await this.#rounds;
        await this.tryRound();
        await this.deliverer.drain();
      });
    } catch (error) {
      this.#logger.warn(`stopped with deliveries under way, which will be made again: ${String(error)}`);
    }
  }

  private async goRound(): Promise<void> {
    while (!this.#stopping) {
      this.#called = false;
      await this.tryRound();
      await this.rest();
    }
  }

  private async tryRound(): Promise<void> {
    try {
      const { moved, addressed } = await this.sequencer.run();
      // Where nothing was left to move, it was called for a delivery that ended or is due again, or another has moved it.
      if (addressed > 0 || moved === 0 || performance.now() >= this.#nextLook) await this.look();
      if (this.#failures > 0) this.#logger.log('events move again');
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.report(error);
    }
  }

  private async look(): Promise<void> {
    this.#nextLook = performance.now() + this.pace.pollMs;
    await this.deliverer.start(() => this.call());
  }

  /** Once for each outage, however long. */
  private report(error: unknown): void {
    const text = `events wait, facts stay in the outbox: ${String(error)}`;
    if (this.#failures > 1) this.#logger.debug(text);
    else if (error instanceof DatabaseUnavailable) this.#logger.warn(text);
    else this.#logger.error(text, error instanceof Error ? error.stack : undefined);
  }

  /** There is something to do: ends the rest, once it has gathered, except that after a failure. */
  private call(): void {
    this.#called = true;
    if (this.#gathered && this.#failures === 0) this.#endRest();
  }

  private async rest(): Promise<void> {
    if (this.#failures > 0) return this.sleep(outagePause(this.#failures, randomInt(1000) / 1000));
    this.#gathered = false;
    await this.sleep(this.pace.gatherMs);
    this.#gathered = true;
    if (!this.#called) await this.sleep(this.pace.pollMs);
  }

  /** Until it is over, or somebody ends it. */
  private async sleep(milliseconds: number): Promise<void> {
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds).unref();
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
