/** One window: an operation, `count` times, on one subject. */
import type { Observer } from './cluster.js';
import { postgresCpu, processCpu, spentBetween } from './cpu.js';
import { drive, type Operation } from './operations.js';
import type { Subject } from './subject.js';

export interface Window {
  /** CPU milliseconds per operation. */
  readonly server: number;
  readonly postgres: number;
  /** Operations per second. */
  readonly throughput: number;
  /** Milliseconds, each one. */
  readonly latencies: readonly number[];
  /** Bytes per operation. */
  readonly wal: number;
}

/** Runs before the clock starts: opens connections that were closed for lack of use, and has their statements planned. */
const WARM_UP = 64;

export async function measure(subject: Subject, operation: Operation, postmaster: number): Promise<Window> {
  const { count } = operation;
  const { kind, pid, database } = subject;
  const databaseName = new URL(subject.databaseUrl).pathname.slice(1);
  const look = () => ({ server: processCpu(pid), postgres: postgresCpu(postmaster, databaseName, database.pid) });
  const work = await operation.prepare(subject, WARM_UP + count);
  await drive(WARM_UP, work);
  await kind.settled(database);

  const walBefore = await walPosition(database);
  const before = look();
  const started = performance.now();
  const latencies = await drive(count, (index) => work(WARM_UP + index));
  const seconds = (performance.now() - started) / 1000;
  // What is still to be done because of these operations is part of their cost.
  await kind.settled(database);
  const after = look();
  return {
    server: (after.server - before.server) / count,
    postgres: spentBetween(before.postgres, after.postgres) / count,
    throughput: count / seconds,
    latencies,
    wal: ((await walPosition(database)) - walBefore) / count,
  };
}

async function walPosition(database: Observer): Promise<number> {
  const [row] = await database.query<{ bytes: string }>('SELECT pg_current_wal_insert_lsn() - \'0/0\'::pg_lsn AS bytes');
  return Number(row?.bytes);
}
