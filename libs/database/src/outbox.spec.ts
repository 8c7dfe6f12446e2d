import { Clock } from '#kernel/clock.js';
import { type Delivered, DomainEvent, On } from '#kernel/bus.js';
import { Outbox } from './outbox.js';
import type { Writer } from './statement.js';

class Opened extends DomainEvent<{ n: number }> {
  static readonly type = 'gatehouse.test.opened.v1';
}

class Closed extends DomainEvent<{ n: number }> {
  static readonly type = 'gatehouse.test.closed.v1';
}

class StoppedClock extends Clock {
  now(): Date {
    return new Date('2026-01-02T03:04:05.678Z');
  }
}

/** Records the identifiers of appended events. */
class Journal implements Writer {
  readonly ids: string[] = [];

  enqueue(_statement: unknown, [id]: readonly unknown[]): void {
    this.ids.push(id as string);
  }
}

describe('the identifiers of events', () => {
  it('are in the order in which the events were recorded, even within one millisecond', () => {
    const [outbox, journal] = [new Outbox(new StoppedClock()), new Journal()];
    for (let n = 0; n < 20; n++) outbox.append(journal, [new Opened('door', { n }), new Closed('door', { n })]);
    expect(journal.ids).toHaveLength(40);
    expect(journal.ids).toEqual([...journal.ids].sort());
    expect(new Set(journal.ids).size).toBe(40);
  });

  it('are UUIDs of version 7 with the time of the clock', () => {
    const journal = new Journal();
    new Outbox(new StoppedClock()).append(journal, [new Opened('door', { n: 1 })]);
    expect(journal.ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(journal.ids[0]!.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.parse('2026-01-02T03:04:05.678Z'));
  });
});

describe('@On', () => {
  it('refuses a second event for one method, which would replace the first', () => {
    const declare = (): unknown => {
      class Porter {
        @On(Opened)
        @On(Closed)
        async onDoor(_delivered: Delivered<Opened>): Promise<void> {
          // Never called.
        }
      }
      return Porter;
    };
    expect(declare).toThrow('onDoor handles an event already');
  });
});
