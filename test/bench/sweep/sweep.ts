/** Measures the sweep, which deletes expired rows, and its effect on requests. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EXPIRING, type Expiring, storeExpired } from '#test/expired-rows.js';
import { type BenchConnection, type Cluster, connect } from '../cluster.js';
import { childrenCpu, postgresCpu, processCpu, spentBetween } from '../cpu.js';
import { installSubject, type Subject } from '../subject.js';
import { gatehouse } from '../subjects/gatehouse.js';
import { storeValidRows, type ValidSecrets } from './valid-rows.js';
import { sendRequests } from './load.js';

const VALID_ROWS = 100_000;
/** All tables keep expired rows for less time than this. */
const SECONDS_AGO = 3 * 24 * 60 * 60;
/** Of ten expired rows of a busy server, so many are in each table. */
const SHARES: Readonly<Record<Expiring, number>> = {
  ...{ access_tokens: 3.5, refresh_tokens: 3, authorization_codes: 1, grants: 1, authorization_requests: 0.5, sessions: 0.5 },
  login_failures: 0.5,
};
const TURNS = 10;
const WINDOW_MS = 4000;
/** Vacuum runs as in production, and Postgres logs every wait for a lock. */
const SETTINGS = ['autovacuum = on', 'log_lock_waits = on', 'deadlock_timeout = 1'];

export interface Batch {
  readonly table: Expiring;
  readonly count: number;
  readonly milliseconds: number;
}

export interface Window {
  /** The milliseconds of each request. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  /** The milliseconds of CPU of the server and Postgres together, vacuum included. */
  readonly cpu: number;
  /** The number of waits of more than a millisecond for a row that another transaction has locked. */
  readonly rowWaits: number;
}

export interface Sweep extends Window {
  readonly title: string;
  readonly batches: readonly Batch[];
  /** The expired rows that are left after the sweep. */
  readonly left: number;
  /** The MB of the tables with their indexes, before the sweep, and after it and a vacuum. */
  readonly size: { readonly before: number; readonly after: number };
}

export interface SweepFigures {
  readonly without: Window;
  readonly sweeps: readonly Sweep[];
}

interface Bench {
  readonly cluster: Cluster;
  readonly subject: Subject;
  readonly valid: ValidSecrets;
  readonly file: string;
}

export async function measureSweeps(cluster: Cluster, rows: number, print: (line: string) => void): Promise<SweepFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sweep-'));
  const file = join(folder, 'batches.json');
  const nodeOptions = ['--import', join(import.meta.dirname, 'sweep-on-signal.mjs')];
  const subject = await installSubject(gatehouse, cluster, { label: 'swept', rows: 0, nodeOptions, env: { SWEEP_FILE: file } });
  try {
    for (const setting of SETTINGS) await subject.database.query(`ALTER SYSTEM SET ${setting}`);
    await subject.database.query('SELECT pg_reload_conf()');
    const bench = { cluster, subject, valid: await storeValidRows(subject, VALID_ROWS), file };
    await storeExpiredRows(bench, rows);
    const alone = await sweep(bench, 'alone', (swept) => swept().then(() => []));
    print('swept alone');
    await storeExpiredRows(bench, rows);
    const withBackup = await duringBackup(subject, () => sweep(bench, 'during a backup', (swept) => swept().then(() => [])));
    print('swept during a backup');
    const { without, during } = await duringRequests(bench, rows);
    print('swept during requests');
    return { without, sweeps: [during, alone, withBackup] };
  } finally {
    await subject.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Windows with and without a sweep take turns, so a slow minute of the machine affects both. */
async function duringRequests(bench: Bench, rows: number): Promise<{ without: Window; during: Sweep }> {
  const { subject, valid } = bench;
  await sendRequests(subject, valid, pause(WINDOW_MS));
  const [without, during]: [Window[], Sweep[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    await storeExpiredRows(bench, rows / TURNS);
    without.push(await measureWindow(bench, () => sendRequests(subject, valid, pause(WINDOW_MS))));
    during.push(await sweep(bench, 'during requests', (swept) => sendRequests(subject, valid, swept())));
  }
  const [first, last] = [during[0]?.size.before, during.at(-1)?.size.after];
  return {
    without: sumOf(without),
    during: {
      ...sumOf(during),
      title: 'during requests',
      batches: during.flatMap(({ batches }) => batches),
      left: during.reduce((sum, { left }) => sum + left, 0),
      size: { before: first ?? Number.NaN, after: last ?? Number.NaN },
    },
  };
}

function sumOf(windows: readonly Window[]): Window {
  const sum = (read: (window: Window) => number): number => windows.reduce((before, window) => before + read(window), 0);
  return {
    latencies: windows.flatMap(({ latencies }) => latencies),
    seconds: sum(({ seconds }) => seconds),
    cpu: sum(({ cpu }) => cpu),
    rowWaits: sum(({ rowWaits: waits }) => waits),
  };
}

/** A backup reads a snapshot of all rows, so no deleted row can be vacuumed until the backup ends. */
async function duringBackup<T>({ databaseUrl }: Subject, work: () => Promise<T>): Promise<T> {
  const backup = await connect(databaseUrl);
  try {
    await backup.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await backup.query('SELECT count(*) FROM accounts');
    return await work();
  } finally {
    await backup.close();
  }
}

async function storeExpiredRows({ subject: { database } }: Bench, rows: number): Promise<void> {
  for (const table of EXPIRING) await database.query(storeExpired(table, (rows * SHARES[table]) / 10, SECONDS_AGO));
  await database.query('VACUUM ANALYZE');
  await database.query('CHECKPOINT');
}

/** Runs the sweep under a load; the latencies of the requests. */
type Load = (swept: () => Promise<void>) => Promise<number[]>;

async function sweep(bench: Bench, title: string, load: Load): Promise<Sweep> {
  const { subject: { database, pid }, file } = bench;
  const before = await size(database);
  const window = await measureWindow(bench, () => load(() => {
    process.kill(pid, 'SIGUSR2');
    return untilWritten(file);
  }));
  const batches = JSON.parse(readFileSync(file, 'utf8')) as Batch[];
  rmSync(file);
  const left = await countExpired(database);
  await database.query('VACUUM ANALYZE');
  return { title, ...window, batches, left, size: { before, after: await size(database) } };
}

async function measureWindow({ cluster, subject: { database, databaseUrl, pid } }: Bench, work: () => Promise<number[]>): Promise<Window> {
  const name = new URL(databaseUrl).pathname.slice(1);
  const cpu = () => ({
    server: processCpu(pid),
    postgres: postgresCpu(cluster.postmaster, name, database.pid),
    ended: childrenCpu(cluster.postmaster),
  });
  const waitsBefore = rowWaits(cluster);
  const [before, began] = [cpu(), performance.now()];
  const latencies = await work();
  const [after, seconds] = [cpu(), (performance.now() - began) / 1000];
  const spent = after.server - before.server + spentBetween(before.postgres, after.postgres) + after.ended - before.ended;
  return { latencies, seconds, cpu: spent, rowWaits: rowWaits(cluster) - waitsBefore };
}

function rowWaits({ logFile }: Cluster): number {
  return readFileSync(logFile, 'utf8').match(/still waiting for \w+ on (transaction|tuple) /g)?.length ?? 0;
}

async function untilWritten(file: string): Promise<void> {
  while (!existsSync(file)) await pause(50);
}

async function countExpired(database: BenchConnection): Promise<number> {
  const counts = EXPIRING.map((table) => {
    const column = table === 'login_failures' ? 'forgotten_at' : 'expires_at';
    return `(SELECT count(*) FROM ${table} WHERE ${column} < now() - interval '2 days')`;
  });
  const [row] = await database.query<{ count: number }>(`SELECT (${counts.join(' + ')})::int AS count`);
  return row?.count ?? Number.NaN;
}

async function size(database: BenchConnection): Promise<number> {
  const [row] = await database.query<{ mb: number }>(
    'SELECT (sum(pg_total_relation_size(name::regclass)) / 1e6)::float8 AS mb FROM unnest($1::text[]) AS name', [EXPIRING],
  );
  return row?.mb ?? Number.NaN;
}
