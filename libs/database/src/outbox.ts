import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { DomainEvent, EventClass } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { currentTraceId } from '#kernel/request-context.js';
import type { Writer } from './statement.js';
import { json, optional, permanent, table, text, timestamp, uuid } from './table.js';

/** Events that are committed and not yet in the log. Empty when the relay has caught up. */
export const outboxTable = table({
  name: 'outbox',
  owner: 'database',
  retention: permanent('the relay moves each row to the event log'),
  columns: {
    id: uuid({ primary: 'outbox_pkey' }),
    type: text(),
    subject: text(),
    time: timestamp(),
    traceId: optional(text()),
    data: json<object>(),
  },
});

type Listener = (events: readonly DomainEvent[]) => void;

/** Stores events in the transaction that made them true. They wait here until the relay moves them to the log. */
@Injectable()
export class Outbox {
  readonly #listeners = new Set<Listener>();
  #appends = 0;

  constructor(private readonly clock: Clock) {}

  append(writer: Writer, events: readonly DomainEvent[]): void {
    const time = this.clock.now();
    const traceId = currentTraceId();
    for (const event of events) {
      // The counter (RFC 9562 §6.2) keeps events in the order in which they were recorded, within one millisecond too.
      const id = uuidv7({ msecs: time.getTime(), seq: this.#appends++ >>> 0 });
      const { type } = event.constructor as unknown as EventClass;
      const { subject, data } = event;
      writer.enqueue(outboxTable.insert, outboxTable.values({ id, type, subject, time, traceId, data }));
    }
  }

  /** `listener` is called with the events of each commit on this server, after it: the relay need not wait for its next poll. */
  onCommit(listener: Listener): void {
    this.#listeners.add(listener);
  }

  /** Calls the listeners. */
  notify(events: readonly DomainEvent[]): void {
    for (const listener of this.#listeners) listener(events);
  }
}
