/** The sweep: what it costs to take expired rows away, and what requests notice of it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { EXPIRING, type Expiring, storeExpired } from '#test/expired-rows.js';
import { type Cluster, observe, type Observer } from '../cluster.js';
import { childrenCpu, postgresCpu, processCpu, spentBetween } from '../cpu.js';
import { installSubject, type Subject } from '../subject.js';
import { gatehouse } from '../subjects/gatehouse.js';
import { type Living, storeLiving } from './living.js';
import { keepBusy } from './load.js';

const LIVING = 100_000;
/** Long enough ago for every kind. */
const SECONDS_AGO = 3 * 24 * 60 * 60;
/** What a busy server leaves behind: of ten expired rows, so many are of this kind. */
const SHARES: Readonly<Record<Expiring, number>> = {
  ...{ access_tokens: 3.5, refresh_tokens: 3, authorization_codes: 1, grants: 1, authorization_requests: 0.5, sessions: 0.5 },
  login_failures: 0.5,
};
const TURNS = 10;
const WINDOW_MS = 4000;
/** Vacuum as in production, and every wait for a lock told. */
const SETTINGS = ['autovacuum = on', 'log_lock_waits = on', 'deadlock_timeout = 1'];

export interface Batch {
  readonly table: Expiring;
  readonly count: number;
  readonly milliseconds: number;
}

export interface Window {
  /** Of each request. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  /** Milliseconds of the server and of Postgres together, vacuum included. */
  readonly cpu: number;
  /** Times that somebody waited longer than a millisecond for a row that another transaction held. */
  readonly rowWaits: number;
}

export interface Sweep extends Window {
  readonly title: string;
  readonly batches: readonly Batch[];
  /** Expired rows behind it. */
  readonly left: number;
  /** MB of the tables with their indexes: before, and after it and a vacuum. */
  readonly size: { readonly before: number; readonly after: number };
}

export interface SweepFigures {
  readonly without: Window;
  readonly sweeps: readonly Sweep[];
}

interface Bench {
  readonly cluster: Cluster;
  readonly subject: Subject;
  readonly living: Living;
  readonly file: string;
}

export async function measureSweeps(cluster: Cluster, rows: number, say: (line: string) => void): Promise<SweepFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sweep-'));
  const file = join(folder, 'batches.json');
  const nodeOptions = ['--import', join(import.meta.dirname, 'sweep-on-signal.mjs')];
  const subject = await installSubject(gatehouse, cluster, { label: 'swept', rows: 0, nodeOptions, env: { SWEEP_FILE: file } });
  try {
    for (const setting of SETTINGS) await subject.database.query(`ALTER SYSTEM SET ${setting}`);
    await subject.database.query('SELECT pg_reload_conf()');
    const bench = { cluster, subject, living: await storeLiving(subject, LIVING), file };
    await storeDue(bench, rows);
    const alone = await sweep(bench, 'alone', (swept) => swept().then(() => []));
    say('swept alone');
    await storeDue(bench, rows);
    const held = await duringBackup(subject, () => sweep(bench, 'during a backup', (swept) => swept().then(() => [])));
    say('swept during a backup');
    const { without, beside } = await besideRequests(bench, rows);
    say('swept beside requests');
    return { without, sweeps: [beside, alone, held] };
  } finally {
    await subject.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In turns with requests alone, so that a slow minute of the machine hits both. */
async function besideRequests(bench: Bench, rows: number): Promise<{ without: Window; beside: Sweep }> {
  const { subject, living } = bench;
  await keepBusy(subject, living, pause(WINDOW_MS));
  const [without, beside]: [Window[], Sweep[]] = [[], []];
  for (let turn = 0; turn < TURNS; turn++) {
    await storeDue(bench, rows / TURNS);
    without.push(await look(bench, () => keepBusy(subject, living, pause(WINDOW_MS))));
    beside.push(await sweep(bench, 'beside requests', (swept) => keepBusy(subject, living, swept())));
  }
  const [first, last] = [beside[0]?.size.before, beside.at(-1)?.size.after];
  return {
    without: together(without),
    beside: {
      ...together(beside),
      title: 'beside requests',
      batches: beside.flatMap(({ batches }) => batches),
      left: beside.reduce((sum, { left }) => sum + left, 0),
      size: { before: first ?? Number.NaN, after: last ?? Number.NaN },
    },
  };
}

function together(windows: readonly Window[]): Window {
  const sum = (read: (window: Window) => number): number => windows.reduce((before, window) => before + read(window), 0);
  return {
    latencies: windows.flatMap(({ latencies }) => latencies),
    seconds: sum(({ seconds }) => seconds),
    cpu: sum(({ cpu }) => cpu),
    rowWaits: sum(({ rowWaits: waits }) => waits),
  };
}

/** A backup sees all rows as they were when it began: until it ends, none can be vacuumed away. */
async function duringBackup<T>({ databaseUrl }: Subject, work: () => Promise<T>): Promise<T> {
  const backup = await observe(databaseUrl);
  try {
    await backup.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await backup.query('SELECT count(*) FROM accounts');
    return await work();
  } finally {
    await backup.close();
  }
}

async function storeDue({ subject: { database } }: Bench, rows: number): Promise<void> {
  for (const table of EXPIRING) await database.query(storeExpired(table, (rows * SHARES[table]) / 10, SECONDS_AGO));
  await database.query('VACUUM ANALYZE');
  await database.query('CHECKPOINT');
}

/** Sweeps in the midst of it; the latencies of its requests. */
type Load = (swept: () => Promise<void>) => Promise<number[]>;

async function sweep(bench: Bench, title: string, load: Load): Promise<Sweep> {
  const { subject: { database, pid }, file } = bench;
  const before = await size(database);
  const window = await look(bench, () => load(() => {
    process.kill(pid, 'SIGUSR2');
    return written(file);
  }));
  const batches = JSON.parse(readFileSync(file, 'utf8')) as Batch[];
  rmSync(file);
  const left = await expired(database);
  await database.query('VACUUM ANALYZE');
  return { title, ...window, batches, left, size: { before, after: await size(database) } };
}

async function look({ cluster, subject: { database, databaseUrl, pid } }: Bench, work: () => Promise<number[]>): Promise<Window> {
  const name = new URL(databaseUrl).pathname.slice(1);
  const cpu = () => ({
    server: processCpu(pid),
    postgres: postgresCpu(cluster.postmaster, name, database.pid),
    ended: childrenCpu(cluster.postmaster),
  });
  const told = rowWaits(cluster);
  const [before, began] = [cpu(), performance.now()];
  const latencies = await work();
  const [after, seconds] = [cpu(), (performance.now() - began) / 1000];
  const spent = after.server - before.server + spentBetween(before.postgres, after.postgres) + after.ended - before.ended;
  return { latencies, seconds, cpu: spent, rowWaits: rowWaits(cluster) - told };
}

function rowWaits({ logFile }: Cluster): number {
  return readFileSync(logFile, 'utf8').match(/still waiting for \w+ on (transaction|tuple) /g)?.length ?? 0;
}

async function written(file: string): Promise<void> {
  while (!existsSync(file)) await pause(50);
}

async function expired(database: Observer): Promise<number> {
  const counts = EXPIRING.map((table) => {
    const column = table === 'login_failures' ? 'forgotten_at' : 'expires_at';
    return `(SELECT count(*) FROM ${table} WHERE ${column} < now() - interval '2 days')`;
  });
  const [row] = await database.query<{ count: number }>(`SELECT (${counts.join(' + ')})::int AS count`);
  return row?.count ?? Number.NaN;
}

async function size(database: Observer): Promise<number> {
  const [row] = await database.query<{ mb: number }>(
    'SELECT (sum(pg_total_relation_size(name::regclass)) / 1e6)::float8 AS mb FROM unnest($1::text[]) AS name', [EXPIRING],
  );
  return row?.mb ?? Number.NaN;
}
