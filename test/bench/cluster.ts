/** One Postgres for all subjects, with durable commits, in a temporary directory. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '#embedded-postgres/start-embedded-postgres.js';

/** Autovacuum is off, because the benchmark runs vacuum between the rounds for every subject alike. */
const SETTINGS = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', autovacuum: 'off', max_wal_size: '4GB' } as const;

export interface Cluster {
  readonly postmaster: number;
  readonly version: string;
  /** The log file of Postgres. */
  readonly logFile: string;
  /** Creates an empty database and returns its URL. */
  create(name: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  chmodSync(dataDirectory, 0o711);
  const postgres = await startEmbeddedPostgres({ dataDirectory });
  const admin = new Client({ connectionString: postgres.url });
  await admin.connect();
  for (const [name, value] of Object.entries(SETTINGS)) await admin.query(`ALTER SYSTEM SET ${name} = '${value}'`);
  await admin.query('SELECT pg_reload_conf()');
  const { rows } = await admin.query<{ pid: number; version: string }>(
    'SELECT split_part(pg_read_file(\'postmaster.pid\'), E\'\\n\', 1)::int AS pid, current_setting(\'server_version\') AS version',
  );
  const [{ pid: postmaster, version } = { pid: 0, version: '' }] = rows;
  return {
    postmaster,
    version,
    logFile: join(dataDirectory, 'postgres.log'),
    create: async (name) => {
      await admin.query(`CREATE DATABASE ${name}`);
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop: async () => {
      await admin.end();
      await postgres.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** A connection of the benchmark itself. The CPU time of its backend does not count for the subject. */
export interface BenchConnection {
  readonly pid: number;
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function connect(url: string): Promise<BenchConnection> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const query = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(text, [...values])).rows;
  const [row] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return { pid: row?.pid ?? 0, query, close: () => client.end() };
}
