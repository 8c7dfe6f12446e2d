import { Injectable } from '@nestjs/common';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';
import { bigint, json, optional, permanent, table, text, timestamp, uuid } from '#database/table.js';
import type { LoggedEvent } from '../domain/cloud-event.js';

export const eventLogTable = table({
  name: 'event_log',
  owner: 'events',
  retention: permanent('the log keeps every event'),
  columns: {
    position: bigint({ primary: 'event_log_pkey' }),
    id: uuid(),
    type: text(),
    subject: text(),
    time: timestamp(),
    traceId: optional(text()),
    data: json<object>(),
  },
  indices: [{ name: 'event_log_type_position', columns: ['type', 'position'] }],
});

const anyWaiting: Statement = {
  name: 'event_log_any_waiting',
  text: 'SELECT EXISTS (SELECT FROM outbox) AS waiting',
};

/** The age of the first is a look at the end of an index, and the counting ends early: however many wait, it costs the same. */
const lag: Statement = {
  name: 'event_log_lag',
  text: `SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT 1000) AS counted)::int AS waiting,
                (SELECT time FROM outbox ORDER BY id LIMIT 1) AS oldest`,
};

/** Held until the batch is visible to all, so that positions become visible in their order. */
const lock: Statement = {
  name: 'event_log_lock',
  text: "SELECT pg_advisory_xact_lock(hashtextextended('gatehouse:event-log', 0))",
};

/**
 * A statement of its own behind the lock: its snapshot must hold what the last owner of the lock has written. By their places,
 * which nobody changes meanwhile: a join would be planned for the table as it once was, and read through all that was moved before.
 */
const moveBatch: Statement = {
  name: 'event_log_move_batch',
  text: `
    WITH moved AS (DELETE FROM outbox WHERE ctid = ANY (ARRAY(SELECT ctid FROM outbox ORDER BY id LIMIT $1)) RETURNING outbox.*),
    logged AS (
      INSERT INTO event_log (position, id, type, subject, time, trace_id, data)
      SELECT (SELECT coalesce(max(position), 0) FROM event_log) + row_number() OVER (ORDER BY id),
             id, type, subject, time, trace_id, data
      FROM moved ORDER BY id
      RETURNING position, type
    ),
    addressed AS (
      INSERT INTO event_deliveries (handler, position, attempts, next_attempt_at)
      SELECT handler, position, 0, $2 FROM logged JOIN event_handlers USING (type) WHERE seen_at > $3
      RETURNING 1
    )
    SELECT (SELECT count(*) FROM logged)::int AS moved, (SELECT count(*) FROM addressed)::int AS addressed`,
};

const columns = eventLogTable.columns();

const readAll: Statement = {
  name: 'event_log_read_all',
  text: `SELECT ${columns} FROM event_log WHERE position > $1 ORDER BY position LIMIT $2`,
};

/** One short walk through the index for each type, however rare it is. */
const readTypes: Statement = {
  name: 'event_log_read_types',
  text: `
    SELECT logged.* FROM unnest($3::text[]) AS wanted (type)
    CROSS JOIN LATERAL (
      SELECT ${columns} FROM event_log WHERE event_log.type = wanted.type AND position > $1 ORDER BY position LIMIT $2
    ) AS logged
    ORDER BY logged.position LIMIT $2`,
};

export interface Moved {
  /** How many facts got their positions. */
  readonly moved: number;
  /** How many deliveries they led to. */
  readonly addressed: number;
}

/** The log: every fact once, in the order in which facts became visible, at positions 1, 2, 3 … without a gap. */
@Injectable()
export class EventLog {
  constructor(private readonly database: Database) {}

  /** Whether a committed fact is not in the log yet; false means that all facts committed before the question are. */
  async anyWaiting(): Promise<boolean> {
    const [row] = await this.database.query<{ waiting: boolean }>(anyWaiting);
    return row?.waiting === true;
  }

  /** How many facts wait, up to 1000, and since when the oldest does. */
  async lag(): Promise<{ waiting: number; oldest: Date | null }> {
    const [row] = await this.database.query<{ waiting: number; oldest: Date | null }>(lag);
    return row ?? { waiting: 0, oldest: null };
  }

  /**
   * Gives up to `size` waiting facts their positions, addressed to the handlers seen after `seenAfter`.
   * The newest position is read under the lock, so a rolled back batch leaves no gap; retention must keep the newest event.
   */
  async moveBatch(size: number, now: Date, seenAfter: Date): Promise<Moved> {
    const move = { statement: moveBatch, values: [size, now, seenAfter] };
    const [row] = await this.database.queryTogether<Moved>([{ statement: lock, values: [] }, move]);
    return row ?? { moved: 0, addressed: 0 };
  }

  async read(page: { after: bigint; types: readonly string[] | undefined; limit: number }): Promise<LoggedEvent[]> {
    const { after, types, limit } = page;
    const events =
      types === undefined
        ? await this.database.query<LoggedEvent>(readAll, [after, limit])
        : await this.database.query<LoggedEvent>(readTypes, [after, limit, [...new Set(types)]]);
    return events.map((event) => eventLogTable.read(event));
  }
}
