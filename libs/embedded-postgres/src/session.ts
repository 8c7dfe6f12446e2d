import { statSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

import { SUPERUSER } from './create-cluster.js';
import { EmbeddedPostgresError, codeOf, messageOf } from './embedded-postgres-error.js';

/**
 * Owns the one session that each server process keeps open for as long as it uses the embedded database. It shows the other
 * processes that the database is needed, and it ends at once when its process or the database is killed.
 */
export interface Session {
  readonly client: Client;
  /** Unreferenced while the session only waits. */
  readonly socket: Socket;
}

export interface Access {
  readonly cluster: string;
  readonly password: string;
  readonly passwordFile: string;
}

const DATABASE = 'gatehouse';
const KEEPER = 'gatehouse-keeper';
const FAREWELL_MS = 1_000;

export function urlOf({ password }: Access, port: number): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${DATABASE}`;
}

/** The session, or why there is none yet: the database starts, stops, or recovers. */
export async function openSession(access: Access, port: number): Promise<Session | string> {
  try {
    return await checked(access, await connect(access, port, DATABASE));
  } catch (error) {
    if (error instanceof EmbeddedPostgresError) throw error;
    if (codeOf(error) === '3D000') return createDatabase(access, port);
    if (codeOf(error) !== '28P01') return messageOf(error);
    throw new EmbeddedPostgresError(`The database refuses the password in ${access.passwordFile}: bring back the file that was `
      + `made with the data, or move ${access.cluster} away to start with an empty database.`, { cause: error });
  }
}

async function connect(access: Access, port: number, database: string): Promise<Session> {
  const socket = new Socket();
  const client = new Client({
    host: '127.0.0.1', port, user: SUPERUSER, password: access.password, database, ssl: false,
    application_name: KEEPER, connectionTimeoutMillis: 5_000, keepAlive: true, stream: () => socket,
  });
  // A lost session is noticed by its end; without a listener the error would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return { client, socket };
}

/** A copied data directory brings a `postmaster.pid` and a password that fit the original. */
async function checked(access: Access, session: Session): Promise<Session> {
  const { rows } = await session.client.query<{ directory: string }>("SELECT current_setting('data_directory') AS directory");
  const directory = rows[0]?.directory ?? '';
  if (isSame(directory, access.cluster)) return session;
  await session.client.end();
  throw new EmbeddedPostgresError(`A Postgres that works on ${directory} answers for ${access.cluster}: stop that one first.`);
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
  return a?.dev === b?.dev && a?.ino === b?.ino && a !== undefined;
}

/** Out of the empty one that comes with a cluster and serves nobody: to copy a template takes longer than all else but initdb. */
async function createDatabase(access: Access, port: number): Promise<Session | string> {
  const { client } = await connect(access, port, 'template1');
  try {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'postgres'");
    await client.query(rowCount === 1 ? `ALTER DATABASE postgres RENAME TO ${DATABASE}` : `CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  return openSession(access, port);
}

/**
 * Whether other server processes use the database. Their keepers tell at once; other sessions by a name of Gatehouse's get a
 * moment to end, for a pool's last ones may still be on their way out. `gatehouse-<pid>` names the sessions of this very process.
 */
export async function isUsedByOthers({ client }: Session): Promise<boolean> {
  const deadline = performance.now() + FAREWELL_MS;
  for (;;) {
    const { rows } = await client.query<{ keepers: number; others: number }>(
      `SELECT count(*) FILTER (WHERE application_name = $1)::int AS keepers, count(*)::int AS others FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
         AND application_name LIKE 'gatehouse%' AND application_name <> $2`,
      [KEEPER, `gatehouse-${process.pid}`],
    );
    const { keepers = 0, others = 0 } = rows[0] ?? {};
    if (others === 0) return false;
    if (keepers > 0 || performance.now() > deadline) return true;
    await pause(25);
  }
}
