import { Injectable } from '@nestjs/common';
import { Database } from '#database/database.js';
import type { Statement, Writer } from '#database/statement.js';
import { bytes, table, timestamp, untilExpiry } from '#database/table.js';
import { ACCOUNT, ADDRESS, type Limits, pauses, SIGN_UP } from '../domain/login-throttle.js';

/** `forgottenAt` is the count: each unforgotten attempt has moved it one forgetting time into the future. */
export const loginFailuresTable = table({
  name: 'login_failures',
  owner: 'authentication',
  retention: untilExpiry('forgottenAt', { condition: 'blocked_until < $1' }),
  columns: {
    key: bytes({ primary: 'login_failures_pkey' }),
    blockedUntil: timestamp(),
    forgottenAt: timestamp(),
  },
  indices: [{ name: 'login_failures_forgotten_at_idx', columns: ['forgottenAt'] }],
});

/**
 * Counts one more attempt of `key`, at $1, if `where` holds. A row that is blocked is left as it is. What is free blocks nobody,
 * not even those who looked at the clock a moment earlier: -infinity.
 */
function attempt(key: string, limits: Limits, where = ''): string {
  const pauseAfter = pauses(limits);
  const [forgetting, most] = [`${String(limits.forgetting)}::float8`, String(pauseAfter.length)];
  const pause = (attempts: string): string => `('{${pauseAfter.join(',')}}'::float8[])[${attempts}]`;
  const blocked = "CASE WHEN pause > 0 THEN $1::timestamptz + make_interval(secs => pause) ELSE '-infinity' END";
  return `
    INSERT INTO login_failures AS stored (key, blocked_until, forgotten_at)
    SELECT ${key}::bytea, ${blocked}, $1::timestamptz + make_interval(secs => ${forgetting})
    FROM (SELECT ${pause('1')} AS pause) AS first ${where}
    ON CONFLICT (key) DO UPDATE SET (blocked_until, forgotten_at) = (
      SELECT ${blocked}, $1::timestamptz + make_interval(secs => least(seconds, ${most} * ${forgetting}))
      FROM (SELECT ${forgetting} + greatest(0, extract(epoch FROM stored.forgotten_at - $1::timestamptz))::float8 AS seconds) AS counted
      CROSS JOIN LATERAL (SELECT ${pause(`least(${most}, ceil(seconds / ${forgetting})::int)`)} AS pause) AS next)
    WHERE stored.blocked_until <= $1::timestamptz
    RETURNING 1`;
}

const admitSignUp: Statement = { name: 'login_failures_admit_sign_up', text: attempt('$2', SIGN_UP) };

/** The rows are locked in this order, here and behind a success: two logins never wait for each other. */
const admitLogin: Statement = {
  name: 'login_failures_admit_login',
  text: `WITH address AS (${attempt('$2', ADDRESS)}),
         account AS (${attempt('$3', ACCOUNT, 'WHERE EXISTS (SELECT FROM address) AND $3::bytea IS NOT NULL')})
         SELECT CASE WHEN NOT EXISTS (SELECT FROM address) THEN $2::bytea
                     WHEN NOT EXISTS (SELECT FROM account) THEN $3::bytea END AS blocked`,
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

/** What a login is counted by. */
export interface LoginKeys {
  readonly address: Buffer;
  readonly account: Buffer | undefined;
}

@Injectable()
export class LoginFailures {
  constructor(private readonly database: Database) {}

  /**
   * Counts a login before its outcome is known, so that of many at once only as many pass as are free. The address comes first:
   * one that is slowed down cannot slow down an account. Answers undefined where it may go on, else the moment until which it
   * may not.
   */
  async admitLogin({ address, account }: LoginKeys, now: Date): Promise<Date | undefined> {
    const [row] = await this.database.query<{ blocked: Buffer | null }>(admitLogin, [now, address, account ?? null]);
    return row?.blocked ? this.#blockedUntil(row.blocked, now) : undefined;
  }

  /** As `admitLogin`, for a sign-up. */
  async admitSignUp(address: Buffer, now: Date): Promise<Date | undefined> {
    const rows = await this.database.query(admitSignUp, [now, address]);
    return rows.length === 1 ? undefined : this.#blockedUntil(address, now);
  }

  async #blockedUntil(key: Buffer, now: Date): Promise<Date> {
    const [row] = await this.database.query<{ blocked_until: Date }>(blockedUntil, [key]);
    return row?.blocked_until ?? now;
  }

  /** Right credentials: the account starts anew, and the address gets this attempt back, but not those before. */
  succeeded(on: Writer, { address, account }: LoginKeys): void {
    on.enqueue(giveBack, [address, ADDRESS.forgetting]);
    if (account !== undefined) on.enqueue(forget, [account]);
  }

  /** Writes the row of the address as it is: makes a commit as expensive as one that has something to tell. */
  failed(on: Writer, { address }: LoginKeys): void {
    on.enqueue(keep, [address]);
  }
}
