/** The tables of the server at one moment. No other file of the torture knows the schema. */
import { Client } from 'pg';

export interface LoggedEvent {
  readonly position: number;
  readonly id: string;
  /** Without its prefix and version, for example `authorization.code-issued`. */
  readonly type: string;
  readonly time: number;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Ownership {
  readonly client_id: string;
  readonly sub: string;
}

export interface Snapshot {
  readonly codes: readonly (Ownership & {
    readonly hash: string;
    readonly grant_id: string;
    readonly redeemed: boolean;
    readonly replayed: boolean;
  })[];
  readonly grants: readonly (Ownership & { readonly id: string; readonly created_at: number; readonly revoked: boolean })[];
  readonly refreshTokens: readonly { readonly hash: string; readonly grant_id: string; readonly rotated: boolean }[];
  readonly accessTokens: readonly { readonly hash: string; readonly grant_id: string | null; readonly client_id: string }[];
  readonly accounts: readonly { readonly sub: string; readonly locked: boolean }[];
  readonly sessions: readonly { readonly sid: string }[];
  readonly consents: readonly Ownership[];
  readonly clients: readonly { readonly client_id: string; readonly version: number }[];
  readonly secrets: readonly { readonly id: string; readonly client_id: string }[];
  readonly events: readonly LoggedEvent[];
  /** The number of events in the outbox, which have no position yet. */
  readonly outboxSize: number;
  /** Events that were not yet delivered to a handler. */
  readonly pendingDeliveries: readonly { readonly handler: string; readonly position: number }[];
}

const EPOCH_MS = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8 AS ${column}`;

const TABLES = {
  codes: `SELECT encode(hash, 'hex') AS hash, grant_id, client_id, sub, redeemed_at IS NOT NULL AS redeemed,
            replayed_at IS NOT NULL AS replayed FROM authorization_codes`,
  grants: `SELECT id, client_id, sub, ${EPOCH_MS('created_at')}, revoked_at IS NOT NULL AS revoked FROM grants`,
  refreshTokens: "SELECT encode(hash, 'hex') AS hash, grant_id, rotated_at IS NOT NULL AS rotated FROM refresh_tokens",
  accessTokens: "SELECT encode(hash, 'hex') AS hash, grant_id, client_id FROM access_tokens",
  accounts: 'SELECT sub, locked FROM accounts',
  sessions: 'SELECT sid FROM sessions',
  consents: 'SELECT sub, client_id FROM consents',
  clients: 'SELECT client_id, version FROM clients',
  secrets: 'SELECT id, client_id FROM client_secrets',
  events: `SELECT position::float8 AS position, id, regexp_replace(type, '^gatehouse\\.|\\.v1$', '', 'g') AS type,
             ${EPOCH_MS('time')}, data FROM event_log ORDER BY position`,
  pendingDeliveries: 'SELECT handler, position::float8 AS position FROM event_deliveries',
} as const;

/** All tables in one snapshot. */
export async function readSnapshot(url: string): Promise<Snapshot> {
  return withConnection(url, async (client) => {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const tables: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(TABLES)) tables[name] = (await client.query(text)).rows;
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM outbox');
    return { ...tables, outboxSize: rows[0]?.count ?? 0 } as unknown as Snapshot;
  });
}

/** Whether no server runs a statement and the outbox is empty. */
export async function isIdle(url: string): Promise<boolean> {
  return withConnection(url, async (client) => {
    const { rows } = await client.query<{ busy: number }>(
      `SELECT ((SELECT count(*) FROM outbox)
             + (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'gatehouse' AND state <> 'idle'))::int AS busy`,
    );
    return rows[0]?.busy === 0;
  });
}

export async function countPendingDeliveries(url: string): Promise<number> {
  return withConnection(url, async (client) => {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int AS count FROM event_deliveries');
    return rows[0]?.count ?? 0;
  });
}

/** Expires the leases of killed servers at once. Without this they expire within a minute. */
export async function expireLeases(url: string): Promise<void> {
  await withConnection(url, (client) => client.query('UPDATE event_deliveries SET next_attempt_at = now() WHERE attempts > 0'));
}

export async function withConnection<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'torture' });
  client.on('error', () => undefined); // The database may be killed at any moment; the statement then rejects.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
