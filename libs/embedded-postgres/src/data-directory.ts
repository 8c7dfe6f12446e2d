import { accessSync, chmodSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { EmbeddedPostgresError, messageOf } from './embedded-postgres-error.js';
import { readIfThere } from './files.js';
import { isRoot } from './run-as.js';

/** Owns the names in the data directory, and the judgement whether what lies there is ours. */
export interface DataDirectory {
  readonly path: string;
  /** The cluster, or a link to it where the account of Postgres cannot reach this directory. */
  readonly cluster: string;
  readonly passwordFile: string;
  readonly logFile: string;
  readonly lockFile: string;
}

export function openDataDirectory(dataDirectory: string): DataDirectory {
  const path = resolve(dataDirectory);
  try {
    const made = mkdirSync(path, { recursive: true }) !== undefined;
    // Root's is passable, not readable, for the account that Postgres runs as.
    if (made) chmodSync(path, isRoot() ? 0o711 : 0o700);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new EmbeddedPostgresError(`${path} cannot hold the embedded database (${messageOf(error)}): `
      + 'make it a directory that this user may write, or set GATEHOUSE_DATA to one.', { cause: error });
  }
  refuseForeign(path);
  return {
    path,
    cluster: join(path, 'postgres'),
    passwordFile: join(path, 'postgres.password'),
    logFile: join(path, 'postgres.log'),
    lockFile: join(path, 'postgres.lock'),
  };
}

/** What Gatehouse keeps there. */
const OURS = /^(postgres($|[.-])|secret($|\.)|demo\.json)/;
/** What a fresh volume or a desktop leaves in a directory that is as good as empty. */
const INDIFFERENT = /^(\..*|lost\+found)$/;

/** A mistyped path must not spread a database among somebody's files. */
function refuseForeign(path: string): void {
  const names = readdirSync(path).filter((name) => !INDIFFERENT.test(name));
  if (names.length === 0 || names.some((name) => OURS.test(name))) return;
  throw new EmbeddedPostgresError(`${path} holds other things than data of Gatehouse (${names.slice(0, 3).join(', ')}): `
    + 'set GATEHOUSE_DATA to a new or empty directory.');
}

/** The uid that owns the data, or nothing where there are none yet. */
export function ownerOf(directory: DataDirectory): number | undefined {
  if (lstatSync(directory.cluster, { throwIfNoEntry: false }) === undefined) return undefined;
  const stats = statSync(directory.cluster, { throwIfNoEntry: false });
  if (stats) return stats.uid;
  throw new EmbeddedPostgresError(`${directory.cluster} points to data that are gone: bring them back, `
    + 'or remove the link to start with an empty database.');
}

/** The real path of a cluster that this user can run with this major version. */
export function checkedCluster(directory: DataDirectory, major: string): string {
  const { cluster } = directory;
  const { uid } = statSync(cluster);
  if (!isRoot() && process.getuid && uid !== process.getuid()) {
    throw new EmbeddedPostgresError(`${cluster} belongs to another user (uid ${uid}): start Gatehouse as that user, `
      + 'or set GATEHOUSE_DATA to a directory of your own.');
  }
  const version = readIfThere(join(cluster, 'PG_VERSION'))?.trim();
  if (version === undefined || !existsSync(join(cluster, 'global', 'pg_control'))) {
    throw new EmbeddedPostgresError(`${cluster} is not a database of Gatehouse: move it away, or set GATEHOUSE_DATA elsewhere.`);
  }
  if (version !== major) {
    throw new EmbeddedPostgresError(`${cluster} was made by Postgres ${version} and this Gatehouse brings ${major}: `
      + `carry it over with pg_dump of ${version}, or set GATEHOUSE_DATA to a new directory.`);
  }
  return realpathSync(cluster);
}

export function passwordOf(directory: DataDirectory): string {
  const password = readPassword(directory);
  if (password) return password;
  throw new EmbeddedPostgresError(`The password of the database, ${directory.passwordFile}, is missing: bring the file back, `
    + `or move ${directory.cluster} away to start with an empty database.`);
}

function readPassword(directory: DataDirectory): string | undefined {
  try {
    return readIfThere(directory.passwordFile)?.trim();
  } catch (error) {
    throw new EmbeddedPostgresError(`${directory.passwordFile} cannot be read (${messageOf(error)}): `
      + 'start Gatehouse as the user who made it, or set GATEHOUSE_DATA to a directory of your own.', { cause: error });
  }
}
