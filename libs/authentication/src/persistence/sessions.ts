import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { Database } from '#database/database.js';
import { type Executor, lookup, mustAffectRow, type Statement, type Writer } from '#database/statement.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import { endedForAll, deleteExpired, Cleanup } from '#database/cleanup.js';
import type { Session, SessionOverview } from '../contracts.js';

interface SessionRow {
  expires_at: Date;
  secret_hash: Buffer;
  sid: string;
  sub: string;
  authenticator: string;
  acr: string;
  amr: string[];
  auth_time: Date;
  last_used_at: Date;
}

export const sessionsTable = new EntitySchema<SessionRow>({
  name: 'sessions',
  columns: {
    expires_at: { type: 'timestamptz', primary: true, primaryKeyConstraintName: 'sessions_pkey' },
    secret_hash: { type: 'bytea', primary: true, primaryKeyConstraintName: 'sessions_pkey' },
    sid: { type: 'uuid' },
    sub: { type: 'text', collation: 'C' },
    authenticator: { type: 'text' },
    acr: { type: 'text' },
    amr: { type: 'text', array: true },
    auth_time: { type: 'timestamptz' },
    last_used_at: { type: 'timestamptz' },
  },
  indices: [{ name: 'sessions_sub_idx', columns: ['sub'] }],
});

/** Longest time between two writes of one session's last use, in seconds: most looks at a session write nothing. */
const TOUCH_INTERVAL = 60;

// FOR SHARE: a lock of the account or a new password that is under way waits for this session and ends it, or is seen here.
const insert = mustAffectRow({
  name: 'sessions_insert',
  text: `INSERT INTO sessions (expires_at, secret_hash, sid, sub, authenticator, acr, amr, auth_time, last_used_at)
         SELECT $1::timestamptz, $2::bytea, $3::uuid, sub, $5::text, $6::text, $7::text[], $8::timestamptz, $8::timestamptz FROM (
           SELECT sub FROM accounts WHERE sub = $4 AND password_hash = $9 AND NOT locked AND NOT removed FOR SHARE
         ) AS living RETURNING 1`,
});

const find = lookup({
  name: 'sessions_find',
  text: `SELECT sid, sub, authenticator, acr, amr, auth_time, last_used_at FROM sessions
         WHERE expires_at = $1 AND secret_hash = $2 AND last_used_at > $3`,
});

const touch: Statement = {
  name: 'sessions_touch',
  text: `UPDATE sessions SET last_used_at = $3
         WHERE expires_at = $1 AND secret_hash = $2 AND last_used_at > $4 AND last_used_at < $3 RETURNING 1`,
};

// Whoever ends sessions leaves alone what has ended by itself: the sweep may hold it.
const end: Statement = {
  name: 'sessions_end',
  text: 'DELETE FROM sessions WHERE expires_at = $1 AND secret_hash = $2 RETURNING sid, sub',
};

const endOf: Statement = {
  name: 'sessions_end_of',
  text: 'DELETE FROM sessions WHERE sub = $1 AND sid = $2 AND expires_at > $3 RETURNING sid, sub',
};

const listOf: Statement = {
  name: 'sessions_list_of',
  text: `SELECT sid, auth_time, last_used_at FROM sessions
         WHERE sub = $1 AND expires_at > $2 AND last_used_at > $3 ORDER BY last_used_at DESC, sid DESC`,
};

const endAllOf: Statement = {
  name: 'sessions_end_all_of',
  text: 'DELETE FROM sessions WHERE sub = $1 AND expires_at > $2 RETURNING sid, sub',
};

type Found = Omit<Session, 'authTime'> & Pick<SessionRow, 'auth_time' | 'last_used_at'>;

export interface EndedSession {
  readonly sid: string;
  readonly sub: string;
}

@Injectable()
export class Sessions {
  constructor(
    private readonly database: Database,
    cleanup: Cleanup,
  ) {
    cleanup.add(deleteExpired('sessions'), 0);
  }

  /** A claim: there is nothing to win where the account is locked or removed, or has another password by now. */
  insert(on: Writer, secret: ExpiringSecret, session: Session, passwordHash: string): void {
    const { sid, sub, authenticator, acr, amr, authTime } = session;
    on.enqueue(insert, [secret.expiresAt, secret.hash(), sid, sub, authenticator, acr, amr, authTime, passwordHash]);
  }

  /** The session that was last used less than `idleLifetime` seconds ago; this is its last use from now on. */
  async use(secret: ExpiringSecret, now: Date, idleLifetime: number): Promise<Session | undefined> {
    const key = [secret.expiresAt, secret.hash()];
    const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
    const [row] = await this.database.query<Found>(find, [...key, ago(idleLifetime)]);
    if (row === undefined) return undefined;
    const { auth_time: authTime, last_used_at: lastUsed, ...session } = row;
    const isDue = lastUsed <= ago(Math.min(TOUCH_INTERVAL, idleLifetime / 10));
    if (isDue) await this.database.query(touch, [...key, now, ago(idleLifetime)]);
    return { ...session, authTime };
  }

  /** The session that ended by this; undefined where there was none any more. */
  async end(on: Executor, secret: ExpiringSecret, now: Date): Promise<EndedSession | undefined> {
    if (secret.hasExpired(endedForAll(now))) return undefined;
    return (await on.query<EndedSession>(end, [secret.expiresAt, secret.hash()]))[0];
  }

  /** The session that ended by this; undefined where `sub` has none of that `sid`, a UUID. */
  async endOf(on: Executor, sub: string, sid: string, now: Date): Promise<EndedSession | undefined> {
    return (await on.query<EndedSession>(endOf, [sub, sid, endedForAll(now)]))[0];
  }

  /** Those that were last used less than `idleLifetime` seconds ago. */
  async listOf(sub: string, now: Date, idleLifetime: number): Promise<SessionOverview[]> {
    const since = new Date(now.getTime() - idleLifetime * 1000);
    const rows = await this.database.query<Pick<SessionRow, 'sid' | 'auth_time' | 'last_used_at'>>(listOf, [sub, now, since]);
    return rows.map(({ sid, auth_time, last_used_at }) => ({ sid, authTime: auth_time, lastUsedAt: last_used_at }));
  }

  async endAllOf(on: Executor, sub: string, now: Date): Promise<EndedSession[]> {
    return on.query<EndedSession>(endAllOf, [sub, endedForAll(now)]);
  }
}
