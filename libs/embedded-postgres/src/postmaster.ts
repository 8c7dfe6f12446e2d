import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, readlinkSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { EmbeddedPostgresError, codeOf, messageOf } from './embedded-postgres-error.js';
import { readIfThere } from './files.js';
import { spawnOptions } from './run-as.js';
import type { Account } from './run-as.js';

/** Owns the process of Postgres: finds the one that runs on a cluster, starts one, ends one. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

export interface Installation {
  /** The real path of the data. */
  readonly cluster: string;
  readonly postgres: string;
  readonly account: Account | undefined;
  readonly logFile: string;
}

/** A start that Postgres gave up. `remains` of the last postmaster go by themselves; a `port` that was taken is another's. */
export interface Refusal {
  readonly reason: string;
  readonly kind: 'remains' | 'port' | 'lasting';
}

const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const REMAINS = /lock file .* already exists|pre-existing shared memory block/;
const PORT = /could not (?:bind|create any TCP|create listen socket)/;
const FAST_SHUTDOWN_MS = 20_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

/** What `postmaster.pid` says: 1 the process, 4 the port, 8 the state. The file outlives a postmaster that was killed. */
export function recordedPostmaster(cluster: string): Postmaster | undefined {
  const [pid = '', , , port = '', , , , state = ''] = (readIfThere(join(cluster, 'postmaster.pid')) ?? '').split('\n');
  const recorded = { pid: Number.parseInt(pid, 10), port: Number.parseInt(port, 10), ready: state.startsWith('ready') };
  return Number.isNaN(recorded.pid) ? undefined : recorded;
}

export function runningPostmaster(cluster: string): Postmaster | undefined {
  const recorded = recordedPostmaster(cluster);
  return recorded && worksOn(recorded.pid, cluster) ? recorded : undefined;
}

/**
 * Postgres takes any living process of that number for the postmaster, and so would never start again where a zombie or a
 * stranger bears it. The memory that orphaned backends still hold, it finds without the file.
 */
export function dropRecordOfTheDead(cluster: string): void {
  const recorded = recordedPostmaster(cluster);
  if (recorded && isAlive(recorded.pid)) rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/** A postmaster's working directory is its cluster. A zombie has none; where the system hides it, the name must do. */
function worksOn(pid: number, cluster: string): boolean {
  if (process.platform !== 'linux') return isAlive(pid);
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === cluster;
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM') return false;
  }
  try {
    const named = readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres';
    return named && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a postmaster in a session of its own, where the terminal's Ctrl-C does not reach it, and waits until it takes
 * connections. Recovery after a crash may take its time; only the end of the process is a refusal.
 */
export async function launch(installation: Installation, port: number): Promise<Refusal | undefined> {
  const { cluster, postgres, account, logFile } = installation;
  keepShort(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const begin = statSync(logFile).size;
  let ended: Refusal | undefined;
  try {
    const options = { ...spawnOptions(account), detached: true, stdio: ['ignore', log, log] } satisfies SpawnOptions;
    const child = spawn(postgres, argumentsFor(cluster, port), options);
    child.once('error', (error) => (ended = { reason: messageOf(error), kind: 'lasting' }));
    child.once('exit', () => (ended ??= refusalIn(logFile, begin)));
    child.unref();
    while (!ended && !isReady(cluster, child.pid)) await pause(10);
    child.removeAllListeners('exit');
    return ended;
  } finally {
    closeSync(log);
  }
}

function isReady(cluster: string, pid: number | undefined): boolean {
  const recorded = recordedPostmaster(cluster);
  return recorded?.pid === pid && recorded?.ready === true;
}

/** Given at each start rather than written into the cluster, so that data follow the version of Gatehouse. */
function argumentsFor(cluster: string, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1', port, unix_socket_directories: '',
    max_connections: 100, shared_buffers: '64MB', fsync: 'on', cluster_name: 'gatehouse',
    timezone: 'UTC', log_timezone: 'UTC', log_line_prefix: '%m [%p] %a ', logging_collector: 'off',
  };
  return ['-D', cluster, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function keepShort(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`);
}

function refusalIn(logFile: string, begin: number): Refusal {
  const descriptor = openSync(logFile, 'r');
  try {
    const tail = Buffer.alloc(64 * 1024);
    const text = tail.toString('utf8', 0, readSync(descriptor, tail, 0, tail.length, begin));
    const reason = /(?:FATAL|PANIC): +(.*)/.exec(text)?.[1] ?? text.trim().split('\n').at(-1) ?? '';
    const kind = REMAINS.test(text) ? 'remains' : PORT.test(text) ? 'port' : 'lasting';
    return { reason: reason || 'it ended without a word', kind };
  } finally {
    closeSync(descriptor);
  }
}

/** `preferred` if nobody listens there, else one that the system picks. */
export async function freePort(preferred: number | undefined): Promise<number> {
  return (preferred ? await probe(preferred) : undefined) ?? (await probe(0)) ?? 0;
}

function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

/** Fast shutdown: sessions are cut off, what they committed is written down. */
export async function shutDown(cluster: string): Promise<void> {
  const postmaster = runningPostmaster(cluster);
  if (!postmaster) return;
  signal(postmaster.pid, 'SIGINT');
  if (await isGone(postmaster.pid, cluster, FAST_SHUTDOWN_MS)) return;
  signal(postmaster.pid, 'SIGQUIT');
  if (await isGone(postmaster.pid, cluster, IMMEDIATE_SHUTDOWN_MS)) return;
  throw new EmbeddedPostgresError(`The embedded Postgres (process ${postmaster.pid}) does not stop: end it by hand.`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

async function isGone(pid: number, cluster: string, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (worksOn(pid, cluster)) {
    if (performance.now() > deadline) return false;
    await pause(10);
  }
  return true;
}
