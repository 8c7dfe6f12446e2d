import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Binaries } from './binaries.js';
import type { DataDirectory } from './data-directory.js';
import { EmbeddedPostgresError, codeOf, messageOf, textIn } from './embedded-postgres-error.js';
import { DRAFT, flushDirectory } from './files.js';
import { giveTo, spawnOptions } from './run-as.js';
import type { Account } from './run-as.js';

/**
 * Owns the making of an empty cluster. It grows under a draft's name and gets its own in one step: a start that is cut off
 * leaves no half of one behind.
 */
const run = promisify(execFile);
/** In root's place a draft may be that of another data directory's start, which lasts seconds. */
const ABANDONED_AFTER_MS = 3_600_000;

export const SUPERUSER = 'gatehouse';

interface Place {
  readonly directory: DataDirectory;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Where the cluster is kept: the data directory, or a place of root's. */
  readonly home: string;
}

export async function createCluster(place: Place): Promise<void> {
  const { directory, account, home } = place;
  removeDrafts(directory.path, 0);
  if (home !== directory.path) removeDrafts(home, ABANDONED_AFTER_MS);
  const password = newPassword(directory);
  const draft = mkdtempSync(join(home, DRAFT));
  try {
    writeFileSync(join(draft, 'password'), password, { mode: 0o600 });
    mkdirSync(join(draft, 'cluster'), { mode: 0o700 });
    giveTo(account, draft);
    await initialize(place, draft);
    settle(directory, home, draft);
  } finally {
    removeDraft(draft);
  }
}

/** Those of starts that were killed. */
function removeDrafts(parent: string, ageMs: number): void {
  const drafts = readdirSync(parent).filter((name) => name.startsWith(DRAFT)).map((name) => join(parent, name));
  for (const draft of drafts) if (Date.now() - statSync(draft).mtimeMs >= ageMs) removeDraft(draft);
}

function removeDraft(draft: string): void {
  try {
    rmSync(draft, { recursive: true, force: true });
  } catch (error) {
    // An initdb whose starter was killed still writes there; a later start finds it at rest.
    if (codeOf(error) !== 'ENOTEMPTY') throw error;
  }
}

/** On disk before the cluster that it opens. */
function newPassword(directory: DataDirectory): string {
  const password = randomBytes(32).toString('base64url');
  const draft = `${directory.passwordFile}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${password}\n`, { mode: 0o600, flush: true });
  renameSync(draft, directory.passwordFile);
  flushDirectory(directory.path);
  return password;
}

async function initialize({ binaries, account }: Place, draft: string): Promise<void> {
  const settings = [
    `--pgdata=${join(draft, 'cluster')}`, `--username=${SUPERUSER}`, `--pwfile=${join(draft, 'password')}`,
    '--auth=scram-sha-256', '--data-checksums', '--no-instructions',
    '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8',
  ];
  try {
    await run(binaries.initdb, settings, spawnOptions(account));
  } catch (error) {
    throw new EmbeddedPostgresError(`The embedded Postgres could not be set up (${reasonOf(error)}): `
      + 'remove that cause, or set DATABASE_URL to a Postgres of your own.', { cause: error });
  }
}

/** The last line in which a program said what was wrong. */
function reasonOf(error: unknown): string {
  const lines = (textIn(error, 'stderr') ?? '').split('\n').filter((line) => /error|fatal|could not|cannot/i.test(line));
  return lines.at(-1)?.trim() ?? (messageOf(error).split('\n', 1).join());
}

function settle(directory: DataDirectory, home: string, draft: string): void {
  const made = join(draft, 'cluster');
  if (home === directory.path) {
    renameSync(made, directory.cluster);
  } else {
    // A name of its own: data that another directory of this path once pointed to are not taken for ours.
    const elsewhere = join(home, `cluster-${randomBytes(8).toString('hex')}`);
    renameSync(made, elsewhere);
    flushDirectory(home);
    symlinkSync(elsewhere, directory.cluster);
  }
  flushDirectory(directory.path);
}
