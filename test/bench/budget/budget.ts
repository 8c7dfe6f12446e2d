/** The budget: where the microseconds of each operation go in this server, from its profile under the load of the benchmark. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster.js';
import { mainThreadCpu } from '../cpu.js';
import { drive, type Operation } from '../operations.js';
import { installSubject, type Subject } from '../subject.js';
import { gatehouse } from '../subjects/gatehouse.js';
import { type Profile, timeByArea, timeByFunction } from './classify.js';

export interface Budget {
  readonly operation: Operation;
  /** Microseconds of CPU of the main thread per operation, by area. */
  readonly areas: ReadonlyMap<string, number>;
  /** The same by function. */
  readonly functions: ReadonlyMap<string, number>;
}

interface Plan {
  readonly cluster: Cluster;
  readonly operations: readonly Operation[];
  readonly rows: number;
  /** So many times the operations of a round of the comparison, and as many again to warm up. */
  readonly rounds: number;
}

export async function drawUpBudget({ cluster, operations, rows, rounds }: Plan): Promise<Budget[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-profile-'));
  const file = join(folder, 'profile.json');
  const nodeOptions = ['--import', join(import.meta.dirname, 'profile-on-signal.mjs')];
  // Out of its many files: a profile tells them apart, and not what lies in one file of all.
  const main = 'test/support/unbundled.mjs';
  const subject = await installSubject(gatehouse, cluster, { label: 'profiled', rows, nodeOptions, main, env: { PROFILE_FILE: file } });
  try {
    const budgets: Budget[] = [];
    for (const operation of operations) budgets.push(await profile(subject, operation, { file, rounds }));
    return budgets;
  } finally {
    await subject.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function profile(subject: Subject, operation: Operation, { file, rounds }: { file: string; rounds: number }): Promise<Budget> {
  const count = operation.count * rounds;
  const warm = await operation.prepare(subject, count);
  await drive(count, warm);
  const work = await operation.prepare(subject, count);
  await subject.kind.settled(subject.database);
  process.kill(subject.pid, 'SIGUSR2');
  const before = mainThreadCpu(subject.pid);
  await drive(count, work);
  await subject.kind.settled(subject.database);
  const spent = mainThreadCpu(subject.pid) - before;
  process.kill(subject.pid, 'SIGUSR2');
  const seen = await written(file);
  // The profiler counts by the clock on the wall, which also runs while other processes have the processor.
  const perOperation = (sums: ReadonlyMap<string, number>): ReadonlyMap<string, number> => {
    const seenTogether = [...sums.values()].reduce((sum, us) => sum + us, 0);
    return new Map([...sums].map(([name, us]) => [name, ((us / seenTogether) * spent * 1000) / count]));
  };
  return { operation, areas: perOperation(timeByArea(seen)), functions: perOperation(timeByFunction(seen)) };
}

async function written(file: string): Promise<Profile> {
  while (!existsSync(file)) await pause(50);
  const seen = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  rmSync(file);
  return seen;
}
