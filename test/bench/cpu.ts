/**
 * CPU time in milliseconds, as the kernel counts it. For Postgres that is the time of the backends of one database, which their process
 * titles name, and of the processes that serve all databases (checkpointer, WAL writer, I/O workers). Only one subject is under load at
 * a time.
 */
import { readdirSync, readFileSync } from 'node:fs';

const NS_PER_MS = 1e6;
const MS_PER_TICK = 10;

/** The CPU time of all threads of a process. */
export function processCpu(pid: number): number {
  return readdirSync(`/proc/${String(pid)}/task`).reduce((sum, thread) => sum + threadCpu(pid, thread), 0);
}

/** The CPU time of the thread that runs JavaScript. */
export function mainThreadCpu(pid: number): number {
  return threadCpu(pid, String(pid));
}

/** Read from nanoseconds if the kernel counts them, otherwise from ticks. */
function threadCpu(pid: number, thread: string): number {
  const folder = `/proc/${String(pid)}/task/${thread}`;
  const [ran] = (read(`${folder}/schedstat`) ?? '').split(' ');
  if (ran !== undefined && ran !== '' && ran !== '0') return Number(ran) / NS_PER_MS;
  const fields = (read(`${folder}/stat`) ?? '').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * MS_PER_TICK;
}

/** The CPU time by process. A process that ends between two readings adds nothing to the difference. */
export type PostgresCpu = ReadonlyMap<number, number>;

export function postgresCpu(postmaster: number, database: string, observer: number): PostgresCpu {
  const children = (read(`/proc/${String(postmaster)}/task/${String(postmaster)}/children`) ?? '').trim().split(' ').map(Number);
  const counted = children.filter((pid) => {
    const [, backendOf] = /^postgres: \S+ (\S+) \S+\(\d+\)/.exec(read(`/proc/${String(pid)}/cmdline`) ?? '') ?? [];
    return pid !== observer && (backendOf === undefined || backendOf === database);
  });
  return new Map([...counted, postmaster].map((pid) => [pid, threadCpu(pid, String(pid))]));
}

export function spentBetween(before: PostgresCpu, after: PostgresCpu): number {
  return [...after].reduce((sum, [pid, ran]) => sum + ran - (before.get(pid) ?? 0), 0);
}

/** The CPU time of ended children of a process. */
export function childrenCpu(pid: number): number {
  const fields = (read(`/proc/${String(pid)}/stat`) ?? '').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * MS_PER_TICK;
}

/** Resident memory in MiB. */
export function residentMemory(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${String(pid)}/status`) ?? '') ?? [];
  return Number(kibibytes) / 1024;
}

/** Undefined if the process or thread has ended. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
