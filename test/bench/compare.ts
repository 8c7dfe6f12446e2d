/** The rounds: every operation on every subject in turn, and the same again, so that a slow minute of the machine hits all. */
import type { Cluster } from './cluster.js';
import { residentMemory } from './cpu.js';
import { measure, type Window } from './measure.js';
import type { Operation } from './operations.js';
import { median, quantile } from './statistics.js';
import type { Subject } from './subject.js';

export interface Figures {
  readonly operation: Operation;
  readonly subject: string;
  /** CPU milliseconds per operation; medians over the rounds, as all that follows. */
  readonly server: number;
  readonly postgres: number;
  readonly cpu: number;
  /** Operations per second. */
  readonly throughput: number;
  /** Milliseconds, of all rounds together. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Bytes per operation. */
  readonly wal: number;
}

export interface Comparison {
  readonly figures: readonly Figures[];
  /** MiB after all rounds, by subject. */
  readonly memory: ReadonlyMap<string, number>;
}

interface Plan {
  readonly cluster: Cluster;
  readonly subjects: readonly Subject[];
  readonly operations: readonly Operation[];
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export async function compare({ cluster, subjects, operations, rounds, say }: Plan): Promise<Comparison> {
  const cells = operations.flatMap((operation) => subjects.map((subject) => ({ operation, subject, windows: new Array<Window>() })));
  // The first round warms up the servers' code, and is thrown away.
  for (let round = 0; round <= rounds; round++) {
    for (const { operation, subject, windows } of cells) {
      const window = await measure(subject, operation, cluster.postmaster);
      if (round > 0) windows.push(window);
    }
    for (const { database } of subjects) await database.query('VACUUM ANALYZE');
    say(round === 0 ? 'warmed up' : `round ${String(round)} of ${String(rounds)}`);
  }
  return {
    figures: cells.map(({ operation, subject, windows }) => ({ operation, subject: subject.label, ...summary(windows) })),
    memory: new Map(subjects.map(({ label, pid }) => [label, residentMemory(pid)])),
  };
}

function summary(windows: readonly Window[]): Omit<Figures, 'operation' | 'subject'> {
  const latencies = windows.flatMap((window) => window.latencies);
  const middle = (of: (window: Window) => number): number => median(windows.map(of));
  return {
    server: middle((window) => window.server),
    postgres: middle((window) => window.postgres),
    cpu: middle((window) => window.server + window.postgres),
    throughput: middle((window) => window.throughput),
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    p99: quantile(latencies, 0.99),
    wal: middle((window) => window.wal),
  };
}
