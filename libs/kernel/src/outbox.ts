import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from './clock.js';
import { insertion, type Writer } from './statement.js';
import { currentTraceId } from './trace.js';

/**
 * A fact, named in the past tense. `subject` is what it is about (a client ID, a `sub`, a grant ID); `data` is JSON and never
 * holds a code, a token, a secret or a password, nor the hash of one.
 */
export abstract class DomainEvent<Data extends object = object> {
  constructor(
    readonly subject: string,
    readonly data: Data,
  ) {}
}

/** The class of an event: its `type` is the CloudEvents type, `gatehouse.<module>.<event>.v<version>`. */
export interface EventClass<E extends DomainEvent = DomainEvent> {
  readonly type: string;
  new (subject: string, data: E['data']): E;
}

const append = insertion({
  name: 'outbox_append',
  text: 'INSERT INTO outbox (id, type, subject, time, trace_id, data) VALUES ($1, $2, $3, $4, $5, $6)',
});

/** Where facts wait, in the transaction that made them, until the relay takes them on. */
@Injectable()
export class Outbox {
  readonly #listeners = new Set<(events: readonly DomainEvent[]) => void>();
  #appends = 0;

  constructor(private readonly clock: Clock) {}

  append(writer: Writer, events: readonly DomainEvent[]): void {
    const now = this.clock.now();
    const traceId = currentTraceId() ?? null;
    for (const event of events) {
      // The counter (RFC 9562 §6.2) keeps events in the order in which they were recorded, within one millisecond too.
      const id = uuidv7({ msecs: now.getTime(), seq: this.#appends++ >>> 0 });
      const { type } = event.constructor as unknown as EventClass;
      writer.write(append, [id, type, event.subject, now, traceId, JSON.stringify(event.data)]);
    }
  }

  /** Called with the events of each commit on this server, behind it; a relay need not wait for its next look. */
  onAppended(listener: (events: readonly DomainEvent[]) => void): void {
    this.#listeners.add(listener);
  }

  appended(events: readonly DomainEvent[]): void {
    for (const listener of this.#listeners) listener(events);
  }
}

/** A fact as it is handed to a handler: the event's data with the attributes of its envelope. */
export interface Delivered<E extends DomainEvent> {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: Date;
  readonly sequence: string;
  readonly traceId: string | null;
  readonly data: E['data'];
}

export const ON_EVENT = Symbol('gatehouse:on-event');

/**
 * Marks a method of a provider as a receiver of an event: called after the commit of the fact, at least once, again with
 * growing pauses while it throws. It must bear being called twice for one `id`.
 */
export function On<E extends DomainEvent>(event: EventClass<E>) {
  return <K extends string>(target: Record<K, (delivered: Delivered<E>) => Promise<void>>, method: K): void => {
    if (Reflect.hasMetadata(ON_EVENT, target[method])) throw new Error(`${method} handles an event already: one method, one event`);
    Reflect.defineMetadata(ON_EVENT, event.type, target[method]);
  };
}
