import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { Database } from '#kernel/database.js';
import type { Statement, Writer } from '#kernel/statement.js';
import { sweepByExpiry, Sweeper } from '#kernel/sweeper.js';
import { type Limits, pauses } from '../domain/slow-down.js';

interface LoginFailureRow {
  key: Buffer;
  blocked_until: Date;
  forgotten_at: Date;
}

/** `forgotten_at` is the count: each unforgotten attempt has put it one forgetting time further away. */
export const loginFailuresTable = new EntitySchema<LoginFailureRow>({
  name: 'login_failures',
  columns: {
    key: { type: 'bytea', primary: true, primaryKeyConstraintName: 'login_failures_pkey' },
    blocked_until: { type: 'timestamptz' },
    forgotten_at: { type: 'timestamptz' },
  },
  indices: [{ name: 'login_failures_forgotten_at_idx', columns: ['forgotten_at'] }],
});

// $3: seconds of forgetting, $4: the pause in seconds after 1, 2, … attempts. A row that is blocked is left as it is. What is
// free blocks nobody, not even those who looked at the clock a moment earlier: -infinity.
const reserve: Statement = {
  name: 'login_failures_reserve',
  text: `
    INSERT INTO login_failures AS stored (key, blocked_until, forgotten_at)
    SELECT $1::bytea, CASE WHEN pause > 0 THEN $2::timestamptz + make_interval(secs => pause) ELSE '-infinity' END,
           $2::timestamptz + make_interval(secs => $3::float8)
    FROM (SELECT ($4::float8[])[1] AS pause) AS first
    ON CONFLICT (key) DO UPDATE SET (blocked_until, forgotten_at) = (
      SELECT CASE WHEN pause > 0 THEN $2::timestamptz + make_interval(secs => pause) ELSE '-infinity' END,
             $2::timestamptz + make_interval(secs => least(seconds, cardinality($4::float8[]) * $3::float8))
      FROM (SELECT $3::float8 + greatest(0, extract(epoch FROM stored.forgotten_at - $2::timestamptz))::float8 AS seconds) AS counted
      CROSS JOIN LATERAL (
        SELECT ($4::float8[])[least(cardinality($4::float8[]), ceil(seconds / $3::float8)::int)] AS pause) AS next)
    WHERE stored.blocked_until <= $2::timestamptz
    RETURNING 1`,
};

const blockedUntil: Statement = {
  name: 'login_failures_blocked_until',
  text: 'SELECT blocked_until FROM login_failures WHERE key = $1',
};

const forget: Statement = { name: 'login_failures_forget', text: 'DELETE FROM login_failures WHERE key = $1 RETURNING 1' };

const giveBack: Statement = {
  name: 'login_failures_give_back',
  text: `UPDATE login_failures SET blocked_until = '-infinity', forgotten_at = forgotten_at - make_interval(secs => $2::float8)
         WHERE key = $1 RETURNING 1`,
};

const keep: Statement = {
  name: 'login_failures_keep',
  text: 'UPDATE login_failures SET forgotten_at = forgotten_at WHERE key = $1 RETURNING 1',
};

@Injectable()
export class LoginFailures {
  constructor(
    private readonly database: Database,
    sweeper: Sweeper,
  ) {
    sweeper.add(sweepByExpiry('login_failures', 'forgotten_at', 'blocked_until < $1'), 0);
  }

  /**
   * Counts an attempt before its outcome is known, so that of many at once only as many pass as are free. Answers undefined
   * where it may go on, else the moment until which it may not.
   */
  async reserve(key: Buffer, limits: Limits, now: Date): Promise<Date | undefined> {
    const rows = await this.database.run(reserve, [key, now, limits.forgetting, pauses(limits)]);
    if (rows.length === 1) return undefined;
    const [row] = await this.database.run<{ blocked_until: Date }>(blockedUntil, [key]);
    return row?.blocked_until ?? now;
  }

  /** The attempts of `key` never were. */
  forget(on: Writer, key: Buffer): void {
    on.write(forget, [key]);
  }

  /** One attempt of `key` never was. */
  giveBack(on: Writer, key: Buffer, limits: Limits): void {
    on.write(giveBack, [key, limits.forgetting]);
  }

  /** Writes the row of `key` as it is: makes a commit as expensive as one that has something to tell. */
  keep(on: Writer, key: Buffer): void {
    on.write(keep, [key]);
  }
}
