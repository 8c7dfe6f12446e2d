import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { EmbeddedPostgresError, codeOf } from './embedded-postgres-error.js';
import { readIfThere } from './files.js';

/**
 * Owns the order of starts and stops on one data directory. The lock is a file that names its holder, and it dies with the
 * holder. It saves work and keeps a stop from crossing a start; the data are safe without it, by renames and by the lock of
 * Postgres itself.
 */
const PATIENCE_MS = 180_000;
/** Longer than the moment between the making of the file and the writing of its content. */
const EMPTY_FOR_MS = 2_000;

export async function withLock<T>(file: string, act: () => Promise<T>): Promise<T> {
  await acquire(file);
  try {
    return await act();
  } finally {
    rmSync(file, { force: true });
  }
}

async function acquire(file: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!taken(file)) {
    if (performance.now() > deadline) {
      throw new EmbeddedPostgresError(`Process ${readIfThere(file)?.split(' ', 1).join() ?? '?'} has held ${file} for too long: `
        + 'end that process and start again.');
    }
    if (isAbandoned(file)) rmSync(file, { force: true });
    else await pause(25);
  }
}

function taken(file: string): boolean {
  try {
    writeFileSync(file, identityOf(process.pid) ?? '', { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(file: string): boolean {
  const holder = readIfThere(file);
  if (holder === undefined) return false;
  if (holder === '') return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > EMPTY_FOR_MS;
  return identityOf(Number.parseInt(holder, 10)) !== holder;
}

/** Names a living process, by more than its number where the system tells more: numbers are used again. */
function identityOf(pid: number): string | undefined {
  if (process.platform === 'linux') return linuxIdentity(pid);
  try {
    process.kill(pid, 0);
    return String(pid);
  } catch (error) {
    return codeOf(error) === 'EPERM' ? String(pid) : undefined;
  }
}

/** Number, ticks since boot at which it started, boot. */
function linuxIdentity(pid: number): string | undefined {
  try {
    const [state, ...fields] = fieldsAfterName(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return state === 'Z' ? undefined : `${pid} ${fields[18] ?? ''} ${boot}`;
  } catch {
    return undefined;
  }
}

/** proc(5): the name of the program stands in parentheses and may hold anything, so the fields are counted from the last one. */
function fieldsAfterName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
