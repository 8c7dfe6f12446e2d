import { chmodSync, lchownSync, lstatSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';

import { EmbeddedPostgresError, messageOf } from './embedded-postgres-error.js';
import { tree } from './files.js';

/**
 * Owns the question as whom Postgres runs. An ordinary user runs it as itself. Postgres refuses root, so root lends it an
 * existing account without privileges, and what that account cannot reach lives in a directory of root's that it can.
 */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Where root keeps what the account cannot reach beside the data directory, such as below a private home. */
const ROOTS_PLACE = '/var/lib/gatehouse';
const PREFERRED = ['postgres', '_postgres', 'nobody', 'daemon'];

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The account to run as, or nothing for the user of this process. The owner of existing data stays the one that runs them. */
export function accountFor(owner: number | undefined): Account | undefined {
  if (!isRoot()) return undefined;
  const accounts = readAccounts();
  if (owner !== undefined && owner !== 0) {
    const account = accounts.find(({ uid }) => uid === owner);
    return account ?? { name: `uid ${owner}`, uid: owner, gid: owner };
  }
  const ordinary = accounts.filter(({ uid }) => uid > 0);
  const [account = ordinary[0]] = PREFERRED.flatMap((name) => ordinary.filter((one) => one.name === name));
  if (account) return account;
  throw new EmbeddedPostgresError('Postgres does not run as root and /etc/passwd names nobody else: '
    + 'start Gatehouse as an ordinary user or set DATABASE_URL.');
}

function readAccounts(): Account[] {
  return readFileSync('/etc/passwd', 'utf8').split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
}

/** The directory for the cluster and for copies of the binaries: the data directory, unless the account cannot get there. */
export function homeFor(account: Account | undefined, directory: string): string {
  if (!account || canReach(account, directory)) return directory;
  try {
    if (mkdirSync(ROOTS_PLACE, { recursive: true }) !== undefined) chmodSync(ROOTS_PLACE, 0o755);
  } catch (error) {
    throw unreachable(account, directory, messageOf(error));
  }
  const { uid, mode } = statSync(ROOTS_PLACE);
  if (uid !== 0 || (mode & 0o022) !== 0) throw unreachable(account, directory, `${ROOTS_PLACE} is not root's alone`);
  if (!canReach(account, ROOTS_PLACE)) throw unreachable(account, directory, `${ROOTS_PLACE} is closed to that user too`);
  return ROOTS_PLACE;
}

export function unreachable(account: Account, directory: string, detail: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`Started by root, Postgres runs as ${account.name}, who cannot reach ${directory} `
    + `(${detail}): set GATEHOUSE_DATA to a directory open to that user, or start Gatehouse as an ordinary user.`);
}

/** Whether the account may pass every directory on the way to a path. */
export function canReach(account: Account, path: string): boolean {
  for (let step = realpathSync(path); ; step = dirname(step)) {
    const stats = statSync(step);
    if (stats.isDirectory() && !permits(stats, account, 0o1)) return false;
    if (step === dirname(step)) return true;
  }
}

/** Whether the account may read all of a tree, and pass its directories. */
export function canReadTree(account: Account, directory: string): boolean {
  if (!canReach(account, directory)) return false;
  for (const path of tree(directory)) {
    const stats = lstatSync(path);
    if (!stats.isSymbolicLink() && !permits(stats, account, stats.isDirectory() ? 0o5 : 0o4)) return false;
  }
  return true;
}

function permits(stats: Stats, account: Account, bits: number): boolean {
  const shift = stats.uid === account.uid ? 6 : stats.gid === account.gid ? 3 : 0;
  return ((stats.mode >> shift) & bits) === bits;
}

export function giveTo(account: Account | undefined, path: string): void {
  if (account) for (const entry of tree(path)) lchownSync(entry, account.uid, account.gid);
}

/**
 * How to spawn a program of Postgres: as the account, from a directory that everyone can reach, and without the variables of
 * this process that would change what it does (`PGDATA`, `PGOPTIONS`, `LC_ALL`, …).
 */
export function spawnOptions(account: Account | undefined) {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC' };
  for (const name of ['PATH', 'SystemRoot', 'TEMP']) if (process.env[name] !== undefined) env[name] = process.env[name];
  const directory = process.platform === 'win32' ? {} : { cwd: '/' };
  return { ...directory, env, windowsHide: true, ...(account && { uid: account.uid, gid: account.gid }) };
}
