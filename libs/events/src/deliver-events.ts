import { randomInt } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Delivered, DomainEvent } from '#kernel/bus.js';
import { inTrace, newTraceId } from '#kernel/request-context.js';
import { retryPause } from './domain/pause.js';
import { type Handler, Handlers } from './handlers.js';
import { type LeasedDelivery, EventDeliveries } from './persistence/event-deliveries.js';
import { RelayOptions } from './relay-options.js';
import { withTimeout } from './with-timeout.js';

/** Hands events to the handlers of this server: each handler has its own slots, so none waits for another. */
@Injectable()
export class DeliverEvents {
  readonly #logger = new Logger(DeliverEvents.name);
  readonly #underWay = new Map<Promise<void>, string>();

  constructor(
    private readonly deliveries: EventDeliveries,
    private readonly handlers: Handlers,
    private readonly clock: Clock,
    private readonly pace: RelayOptions,
  ) {}

  /** Claims what is due and starts on it; `onDone` is called as each delivery ends and leaves a slot free. */
  async start(onDone: () => void): Promise<void> {
    const free = this.freeSlots();
    if (free.size === 0) return;
    const now = this.clock.now();
    const leased = await this.deliveries.lease(free, now, new Date(now.getTime() + this.pace.leaseMs));
    for (const delivery of leased) {
      const work = this.deliver(delivery).finally(() => {
        this.#underWay.delete(work);
        onDone();
      });
      this.#underWay.set(work, delivery.handler);
    }
  }

  /** Waits for what is under way. */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay.keys());
  }

  private freeSlots(): Map<string, number> {
    const slots = new Map([...this.handlers.byName.keys()].map((name) => [name, this.pace.concurrency]));
    for (const name of this.#underWay.values()) slots.set(name, (slots.get(name) ?? 0) - 1);
    return new Map([...slots].filter(([, free]) => free > 0));
  }

  /** Never throws: an outcome that cannot be stored is found out by the end of the lease, and the delivery comes again. */
  private async deliver(delivery: LeasedDelivery): Promise<void> {
    try {
      const failure = await this.attempt(delivery);
      if (failure === undefined) await this.deliveries.finish(delivery);
      else await this.postpone(delivery, failure.reason);
    } catch (error) {
      this.#logger.warn(`${described(delivery)}: the outcome is not stored, it will be delivered again: ${String(error)}`);
    }
  }

  private async attempt(delivery: LeasedDelivery): Promise<{ reason: unknown } | undefined> {
    const handler = this.handlers.byName.get(delivery.handler);
    if (handler === undefined) return { reason: 'no such handler here' };
    try {
      await withTimeout(this.pace.handlerTimeoutMs, () => call(handler, delivery));
      return undefined;
    } catch (error) {
      return { reason: error };
    }
  }

  private async postpone(delivery: LeasedDelivery, reason: unknown): Promise<void> {
    const pause = retryPause(delivery.attempts, randomInt(1000) / 1000);
    this.#logger.warn(
      `${described(delivery)} failed ${delivery.attempts} times, again in ${Math.round(pause / 1000)} s: ${String(reason)}`,
    );
    await this.deliveries.postpone(delivery, new Date(this.clock.now().getTime() + pause));
  }
}

async function call(handler: Handler, { position, traceId, ...event }: LeasedDelivery): Promise<void> {
  const delivered: Delivered<DomainEvent> = {
    id: event.id,
    type: event.type,
    subject: event.subject,
    time: event.time,
    sequence: position,
    traceId: traceId ?? null,
    data: event.data,
  };
  await inTrace(traceId ?? newTraceId(), () => handler.handle(delivered));
}

function described(delivery: LeasedDelivery): string {
  return `${delivery.handler}, event ${delivery.position} (${delivery.type})`;
}
