/** The budget: how many microseconds each operation spends in which code of this server, from a CPU profile under load. */
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
  /** The operations are those of so many rounds of the comparison, after as many for the warm-up. */
  readonly rounds: number;
}

export async function measureBudget({ cluster, operations, rows, rounds }: Plan): Promise<Budget[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-profile-'));
  const file = join(folder, 'profile.json');
  const nodeOptions = ['--import', join(import.meta.dirname, 'profile-on-signal.mjs')];
  // A profile distinguishes single files, but not the parts of the bundle.
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
  await subject.kind.untilIdle(subject.database);
  process.kill(subject.pid, 'SIGUSR2');
  const before = mainThreadCpu(subject.pid);
  await drive(count, work);
  await subject.kind.untilIdle(subject.database);
  const spent = mainThreadCpu(subject.pid) - before;
  process.kill(subject.pid, 'SIGUSR2');
  const sampled = await readWhenWritten(file);
  // The profiler counts elapsed time, which includes the time in which other processes run.
  const perOperation = (sums: ReadonlyMap<string, number>): ReadonlyMap<string, number> => {
    const total = [...sums.values()].reduce((sum, us) => sum + us, 0);
    return new Map([...sums].map(([name, us]) => [name, ((us / total) * spent * 1000) / count]));
  };
  return { operation, areas: perOperation(timeByArea(sampled)), functions: perOperation(timeByFunction(sampled)) };
}

async function readWhenWritten(file: string): Promise<Profile> {
  while (!existsSync(file)) await pause(50);
  const sampled = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  rmSync(file);
  return sampled;
}
