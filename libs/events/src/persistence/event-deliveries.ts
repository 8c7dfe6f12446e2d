import { Injectable } from '@nestjs/common';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';
import { bigint, integer, permanent, table, text, timestamp } from '#database/table.js';
import { eventLogTable } from './event-log.js';
import type { LoggedEvent } from '../domain/cloud-event.js';

export const eventDeliveriesTable = table({
  name: 'event_deliveries',
  owner: 'events',
  retention: permanent('a delivery is deleted when its handler has succeeded'),
  columns: {
    handler: text({ primary: 'event_deliveries_pkey' }),
    position: bigint({ primary: 'event_deliveries_pkey' }),
    attempts: integer(),
    nextAttemptAt: timestamp(),
  },
  indices: [{ name: 'event_deliveries_due', columns: ['handler', 'nextAttemptAt', 'position'] }],
});

/** A delivery that is ours until its lease ends. `attempts` counts this one, and is the proof that it is still ours. */
export interface LeasedDelivery extends LoggedEvent {
  readonly handler: string;
  readonly attempts: number;
}

/** By row address, as an array: so that the plan is a walk over the due ones however many others wait. */
const lease: Statement = {
  name: 'event_deliveries_lease',
  text: `
    UPDATE event_deliveries AS delivery SET attempts = attempts + 1, next_attempt_at = $4
    FROM event_log
    WHERE event_log.position = delivery.position AND delivery.ctid = ANY (ARRAY(
      SELECT due.row FROM unnest($1::text[], $2::int[]) AS free (handler, slots)
      CROSS JOIN LATERAL (
        SELECT waiting.ctid AS row FROM event_deliveries AS waiting
        WHERE waiting.handler = free.handler AND waiting.next_attempt_at <= $3
        ORDER BY waiting.next_attempt_at, waiting.position LIMIT free.slots
        FOR UPDATE SKIP LOCKED
      ) AS due
    ))
    RETURNING ${eventLogTable.columns(undefined, 'event_log')}, delivery.handler, delivery.attempts`,
};

const finish: Statement = {
  name: 'event_deliveries_finish',
  text: 'DELETE FROM event_deliveries WHERE handler = $1 AND position = $2 AND attempts = $3 RETURNING position',
};

const postpone: Statement = {
  name: 'event_deliveries_postpone',
  text: `UPDATE event_deliveries SET next_attempt_at = $4
         WHERE handler = $1 AND position = $2 AND attempts = $3 RETURNING position`,
};

/** What is still to be handed to whom. A row without a server that knows its handler waits for one. */
@Injectable()
export class EventDeliveries {
  constructor(private readonly database: Database) {}

  /**
   * Leases what is due at `now`, for each handler up to its number of free slots, oldest first. The lease of a server that dies
   * ends at `leasedUntil`, and no transaction stays open while handlers work.
   */
  async lease(free: ReadonlyMap<string, number>, now: Date, leasedUntil: Date): Promise<LeasedDelivery[]> {
    const values = [[...free.keys()], [...free.values()], now, leasedUntil];
    const leased = await this.database.query<LeasedDelivery>(lease, values);
    return leased.map((delivery) => eventLogTable.read(delivery));
  }

  /** Whether it was still ours; where it was not, another server has taken it on after our lease. */
  async finish(delivery: LeasedDelivery): Promise<boolean> {
    const rows = await this.database.query(finish, [delivery.handler, delivery.position, delivery.attempts]);
    return rows.length === 1;
  }

  /** Whether it was still ours. */
  async postpone(delivery: LeasedDelivery, until: Date): Promise<boolean> {
    const rows = await this.database.query(postpone, [delivery.handler, delivery.position, delivery.attempts, until]);
    return rows.length === 1;
  }
}
