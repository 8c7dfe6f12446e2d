/** Each round measures every operation on every subject in turn, so a slow minute of the machine affects all subjects. */
import type { Cluster } from './cluster.js';
import { residentMemory } from './cpu.js';
import { measure, type Window } from './measure.js';
import { drive, type Operation } from './operations.js';
import { median, quantile } from './statistics.js';
import type { Subject } from './subject.js';

export interface Figures {
  readonly operation: Operation;
  readonly subject: string;
  /** CPU milliseconds per operation. These and the following figures are medians over the rounds. */
  readonly server: number;
  readonly postgres: number;
  readonly cpu: number;
  /** The CPU milliseconds per operation of each round. */
  readonly rounds: readonly number[];
  /** Operations per second. */
  readonly throughput: number;
  /** In milliseconds, over all rounds together. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Bytes per operation. */
  readonly wal: number;
}

export interface Comparison {
  readonly figures: readonly Figures[];
  /** The resident memory after all rounds in MiB, by subject. */
  readonly memory: ReadonlyMap<string, number>;
}

interface Plan {
  readonly cluster: Cluster;
  readonly subjects: readonly Subject[];
  readonly operations: readonly Operation[];
  readonly rounds: number;
  readonly print: (line: string) => void;
}

/** V8 compiles during the first one or two thousand operations of each kind, and longer for a server with more code. */
const WARM_UP_ROUNDS = 10;

export async function compare({ cluster, subjects, operations, rounds, print }: Plan): Promise<Comparison> {
  const cells = operations.flatMap((operation) => subjects.map((subject) => ({ operation, subject, windows: new Array<Window>() })));
  for (const { operation, subject } of cells) await warmUp(operation, subject);
  await vacuum(subjects);
  print('warmed up');
  for (let round = 1; round <= rounds; round++) {
    for (const { operation, subject, windows } of cells) windows.push(await measure(subject, operation, cluster.postmaster));
    await vacuum(subjects);
    print(`round ${String(round)} of ${String(rounds)}`);
  }
  return {
    figures: cells.map(({ operation, subject, windows }) => ({ operation, subject: subject.label, ...summary(windows) })),
    memory: new Map(subjects.map(({ label, pid }) => [label, residentMemory(pid)])),
  };
}

/** The warm-up has several parts, because prepared codes expire soon. */
async function warmUp(operation: Operation, subject: Subject): Promise<void> {
  for (let part = 0; part < WARM_UP_ROUNDS; part++) await drive(operation.count, await operation.prepare(subject, operation.count));
}

async function vacuum(subjects: readonly Subject[]): Promise<void> {
  for (const { database } of subjects) await database.query('VACUUM ANALYZE');
}

function summary(windows: readonly Window[]): Omit<Figures, 'operation' | 'subject'> {
  const latencies = windows.flatMap((window) => window.latencies);
  const medianOf = (read: (window: Window) => number): number => median(windows.map(read));
  return {
    server: medianOf((window) => window.server),
    postgres: medianOf((window) => window.postgres),
    cpu: medianOf((window) => window.server + window.postgres),
    rounds: windows.map((window) => window.server + window.postgres),
    throughput: medianOf((window) => window.throughput),
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
    wal: medianOf((window) => window.wal),
  };
}
