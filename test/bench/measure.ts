/** Measures one window: `count` runs of an operation on one subject. */
import type { BenchConnection } from './cluster.js';
import { postgresCpu, processCpu, spentBetween } from './cpu.js';
import { drive, type Operation } from './operations.js';
import type { Subject } from './subject.js';

export interface Window {
  /** CPU milliseconds per operation. */
  readonly server: number;
  readonly postgres: number;
  /** Operations per second. */
  readonly throughput: number;
  /** The milliseconds of each operation. */
  readonly latencies: readonly number[];
  /** Bytes per operation. */
  readonly wal: number;
}

/** Operations before the measurement. They open idle connections again and plan their statements. */
const WARM_UP = 64;

export async function measure(subject: Subject, operation: Operation, postmaster: number): Promise<Window> {
  const { count } = operation;
  const { kind, pid, database } = subject;
  const databaseName = new URL(subject.databaseUrl).pathname.slice(1);
  const readCpu = () => ({ server: processCpu(pid), postgres: postgresCpu(postmaster, databaseName, database.pid) });
  const work = await operation.prepare(subject, WARM_UP + count);
  await drive(WARM_UP, work);
  await kind.untilIdle(database);

  const walBefore = await walPosition(database);
  const before = readCpu();
  const started = performance.now();
  const latencies = await drive(count, (index) => work(WARM_UP + index));
  const seconds = (performance.now() - started) / 1000;
  // The background work that the operations cause is part of their cost.
  await kind.untilIdle(database);
  const after = readCpu();
  return {
    server: (after.server - before.server) / count,
    postgres: spentBetween(before.postgres, after.postgres) / count,
    throughput: count / seconds,
    latencies,
    wal: ((await walPosition(database)) - walBefore) / count,
  };
}

async function walPosition(database: BenchConnection): Promise<number> {
  const [row] = await database.query<{ bytes: string }>('SELECT pg_current_wal_insert_lsn() - \'0/0\'::pg_lsn AS bytes');
  return Number(row?.bytes);
}
