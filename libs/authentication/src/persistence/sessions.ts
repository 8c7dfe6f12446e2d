import { Injectable } from '@nestjs/common';
import { endedForAll } from '#database/cleanup.js';
import { Database } from '#database/database.js';
import { type Executor, lookup, mustAffectRow, type Statement, type Writer } from '#database/statement.js';
import { bytes, json, type Row, table, text, timestamp, untilExpiry, uuid } from '#database/table.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import type { Session, SessionOverview, UsedMethod } from '../contracts.js';
import { sessionOf } from '../domain/session.js';

/** JSON has no dates. */
type StoredMethod = Omit<UsedMethod, 'at'> & { readonly at: string };

export const sessionsTable = table({
  name: 'sessions',
  owner: 'authentication',
  retention: untilExpiry('expiresAt'),
  columns: {
    expiresAt: timestamp({ primary: 'sessions_pkey' }),
    secretHash: bytes({ primary: 'sessions_pkey' }),
    sid: uuid(),
    sub: text({ collation: 'C' }),
    methods: json<readonly StoredMethod[]>(),
    lastUsedAt: timestamp(),
  },
  indices: [{ name: 'sessions_sub_idx', columns: ['sub'] }],
});

type SessionRow = Row<typeof sessionsTable>;

/** Longest time between two writes of a session's last use, in seconds: most uses of a session write nothing. */
const TOUCH_INTERVAL = 60;

// FOR SHARE: a lock or a removal of the account in flight waits for this session and ends it, or is seen here.
const insert = mustAffectRow({
  name: 'sessions_insert',
  text: `INSERT INTO sessions (expires_at, secret_hash, sid, sub, methods, last_used_at)
         SELECT $1::timestamptz, $2::bytea, $3::uuid, sub, $5::jsonb, $6::timestamptz FROM (
           SELECT sub FROM accounts WHERE sub = $4 AND NOT locked AND NOT removed FOR SHARE
         ) AS living RETURNING 1`,
});

const find = lookup({
  name: 'sessions_find',
  text: `SELECT ${sessionsTable.columns(['sid', 'sub', 'methods', 'lastUsedAt'])} FROM sessions
         WHERE expires_at = $1 AND secret_hash = $2 AND last_used_at > $3`,
});

const touch: Statement = {
  name: 'sessions_touch',
  text: `UPDATE sessions SET last_used_at = $3
         WHERE expires_at = $1 AND secret_hash = $2 AND last_used_at > $4 AND last_used_at < $3 RETURNING 1`,
};

// The statements below leave expired sessions alone: the cleanup may hold them.
const end: Statement = {
  name: 'sessions_end',
  text: 'DELETE FROM sessions WHERE expires_at = $1 AND secret_hash = $2 RETURNING sid, sub',
};

const endById: Statement = {
  name: 'sessions_end_by_id',
  text: 'DELETE FROM sessions WHERE sub = $1 AND sid = $2 AND expires_at > $3 RETURNING sid, sub',
};

const list: Statement = {
  name: 'sessions_list',
  text: `SELECT ${sessionsTable.columns(['sid', 'sub', 'methods', 'lastUsedAt'])} FROM sessions
         WHERE sub = $1 AND expires_at > $2 AND last_used_at > $3 ORDER BY last_used_at DESC, sid DESC`,
};

const endAll: Statement = {
  name: 'sessions_end_all',
  text: 'DELETE FROM sessions WHERE sub = $1 AND expires_at > $2 RETURNING sid, sub',
};

type Found = Pick<SessionRow, 'sid' | 'sub' | 'methods' | 'lastUsedAt'>;

export type EndedSession = Pick<SessionRow, 'sid' | 'sub'>;

@Injectable()
export class Sessions {
  constructor(private readonly database: Database) {}

  /** Must affect a row: it does not if the account is locked or removed. */
  insert(on: Writer, secret: ExpiringSecret, { sid, sub, methods, authTime }: Session): void {
    on.enqueue(insert, [secret.expiresAt, secret.hash(), sid, sub, JSON.stringify(methods), authTime]);
  }

  /** The session that was last used less than `idleLifetime` seconds ago. This call counts as its last use from now on. */
  async use(secret: ExpiringSecret, now: Date, idleLifetime: number): Promise<Session | undefined> {
    const key = [secret.expiresAt, secret.hash()];
    const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
    const [row] = await this.database.query<Found>(find, [...key, ago(idleLifetime)]);
    if (row === undefined) return undefined;
    const isDue = row.lastUsedAt <= ago(Math.min(TOUCH_INTERVAL, idleLifetime / 10));
    if (isDue) await this.database.query(touch, [...key, now, ago(idleLifetime)]);
    return read(row);
  }

  /** The session that this call ended; undefined if there was none any more. */
  async end(on: Executor, secret: ExpiringSecret, now: Date): Promise<EndedSession | undefined> {
    if (secret.hasExpired(endedForAll(now))) return undefined;
    return (await on.query<EndedSession>(end, [secret.expiresAt, secret.hash()]))[0];
  }

  /** The session that this call ended; undefined if `sub` has none with that `sid`, a UUID. */
  async endById(on: Executor, sub: string, sid: string, now: Date): Promise<EndedSession | undefined> {
    return (await on.query<EndedSession>(endById, [sub, sid, endedForAll(now)]))[0];
  }

  /** Those that were last used less than `idleLifetime` seconds ago, the last used first. */
  async list(sub: string, now: Date, idleLifetime: number): Promise<SessionOverview[]> {
    const since = new Date(now.getTime() - idleLifetime * 1000);
    const rows = await this.database.query<Found>(list, [sub, now, since]);
    return rows.map((row) => ({ sid: row.sid, authTime: read(row).authTime, lastUsedAt: row.lastUsedAt }));
  }

  async endAll(on: Executor, sub: string, now: Date): Promise<EndedSession[]> {
    return on.query<EndedSession>(endAll, [sub, endedForAll(now)]);
  }
}

function read({ sid, sub, methods }: Found): Session {
  return sessionOf({ sid, sub, methods: methods.map((method) => ({ ...method, at: new Date(method.at) })) });
}
