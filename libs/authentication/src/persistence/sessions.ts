import { Injectable } from '@nestjs/common';
import { endedForAll } from '#database/cleanup.js';
import { Database } from '#database/database.js';
import { type Executor, lookup, mustAffectRow, type Statement, type Writer } from '#database/statement.js';
import { bytes, type Row, table, text, textArray, timestamp, untilExpiry, uuid } from '#database/table.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import type { Session, SessionOverview } from '../contracts.js';

export const sessionsTable = table({
  name: 'sessions',
  owner: 'authentication',
  retention: untilExpiry('expiresAt'),
  columns: {
    expiresAt: timestamp({ primary: 'sessions_pkey' }),
    secretHash: bytes({ primary: 'sessions_pkey' }),
    sid: uuid(),
    sub: text({ collation: 'C' }),
    authenticator: text(),
    acr: text(),
    amr: textArray(),
    authTime: timestamp(),
    lastUsedAt: timestamp(),
  },
  indices: [{ name: 'sessions_sub_idx', columns: ['sub'] }],
});

type SessionRow = Row<typeof sessionsTable>;

/** Longest time between two writes of a session's last use, in seconds: most uses of a session write nothing. */
const TOUCH_INTERVAL = 60;

// FOR SHARE: a lock of the account or a new password in flight waits for this session and ends it, or is seen here.
const insert = mustAffectRow({
  name: 'sessions_insert',
  text: `INSERT INTO sessions (expires_at, secret_hash, sid, sub, authenticator, acr, amr, auth_time, last_used_at)
         SELECT $1::timestamptz, $2::bytea, $3::uuid, sub, $5::text, $6::text, $7::text[], $8::timestamptz, $8::timestamptz FROM (
           SELECT sub FROM accounts WHERE sub = $4 AND password_hash = $9 AND NOT locked AND NOT removed FOR SHARE
         ) AS living RETURNING 1`,
});

const find = lookup({
  name: 'sessions_find',
  text: `SELECT ${sessionsTable.columns(['sid', 'sub', 'authenticator', 'acr', 'amr', 'authTime', 'lastUsedAt'])} FROM sessions
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
  text: `SELECT ${sessionsTable.columns(['sid', 'authTime', 'lastUsedAt'])} FROM sessions
         WHERE sub = $1 AND expires_at > $2 AND last_used_at > $3 ORDER BY last_used_at DESC, sid DESC`,
};

const endAll: Statement = {
  name: 'sessions_end_all',
  text: 'DELETE FROM sessions WHERE sub = $1 AND expires_at > $2 RETURNING sid, sub',
};

export type EndedSession = Pick<SessionRow, 'sid' | 'sub'>;

@Injectable()
export class Sessions {
  constructor(private readonly database: Database) {}

  /** Must affect a row: it does not if the account is locked or removed, or has another password by now. */
  insert(on: Writer, secret: ExpiringSecret, session: Session, passwordHash: string): void {
    const { sid, sub, authenticator, acr, amr, authTime } = session;
    on.enqueue(insert, [secret.expiresAt, secret.hash(), sid, sub, authenticator, acr, amr, authTime, passwordHash]);
  }

  /** The session that was last used less than `idleLifetime` seconds ago. This call counts as its last use from now on. */
  async use(secret: ExpiringSecret, now: Date, idleLifetime: number): Promise<Session | undefined> {
    const key = [secret.expiresAt, secret.hash()];
    const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);
    const [row] = await this.database.query<Session & Pick<SessionRow, 'lastUsedAt'>>(find, [...key, ago(idleLifetime)]);
    if (row === undefined) return undefined;
    const { lastUsedAt, ...session } = row;
    const isDue = lastUsedAt <= ago(Math.min(TOUCH_INTERVAL, idleLifetime / 10));
    if (isDue) await this.database.query(touch, [...key, now, ago(idleLifetime)]);
    return session;
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
    return this.database.query<SessionOverview>(list, [sub, now, since]);
  }

  async endAll(on: Executor, sub: string, now: Date): Promise<EndedSession[]> {
    return on.query<EndedSession>(endAll, [sub, endedForAll(now)]);
  }
}
