import {
  chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';

import { EmbeddedPostgresError, codeOf } from './embedded-postgres-error.js';
import { DRAFT, readIfThere, tree } from './files.js';
import { canReadTree } from './run-as.js';
import type { Account } from './run-as.js';

/**
 * Owns the programs of Postgres: the npm package of this platform, made usable. npm may have skipped the script that links the
 * libraries and lost the execute bits; a read-only or closed `node_modules` is copied to a place that the account can read.
 */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, which data are bound to: `18`. */
  readonly major: string;
}

interface Package {
  readonly root: string;
  readonly name: string;
  readonly version: string;
}

const PROGRAMS = ['initdb', 'postgres'];
/** What only a compiler needs. */
const NOT_TO_RUN = new Set(['.a', '.h', '.pc']);
const suffix = process.platform === 'win32' ? '.exe' : '';

/** `home` receives the copy, where one is needed. */
export function prepareBinaries(account: Account | undefined, home: string): Binaries {
  const found = findPackage();
  const usable = repaired(found.root) && (!account || canReadTree(account, join(found.root, 'native')));
  const root = usable ? found.root : copyOf(found, home);
  const [initdb = '', postgres = ''] = PROGRAMS.map((name) => program(root, name));
  return { initdb, postgres, major: found.version.split('.', 1).join() };
}

function findPackage(): Package {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve(name)), '..');
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root, name: basename(name), version };
  } catch (error) {
    throw new EmbeddedPostgresError(`There is no embedded Postgres here (the optional package ${name} is not installed): `
      + 'run npm ci without --omit=optional, or set DATABASE_URL to a Postgres of your own.', { cause: error });
  }
}

function program(root: string, name: string): string {
  return join(root, 'native', 'bin', name + suffix);
}

/** Completes the package in place; false when it may not be written. */
function repaired(root: string): boolean {
  try {
    linkLibraries(root);
    for (const name of PROGRAMS) makeExecutable(program(root, name));
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) return false;
    throw error;
  }
}

function linkLibraries(root: string): void {
  const links = JSON.parse(readIfThere(join(root, 'native', 'pg-symlinks.json')) ?? '[]') as { source: string; target: string }[];
  for (const { source, target } of links) {
    if (existsSync(join(root, target))) continue;
    rmSync(join(root, target), { force: true });
    try {
      symlinkSync(basename(source), join(root, target));
    } catch (error) {
      // Another start links the same package at this moment.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file);
  if ((mode & 0o111) !== 0o111) chmodSync(file, mode | 0o555);
}

/** The copy takes its name in one step, so that what bears the name is whole. */
function copyOf(found: Package, home: string): string {
  const target = join(home, `postgres-binaries-${found.name}-${found.version}`);
  if (existsSync(target)) return target;
  const draft = mkdtempSync(join(home, DRAFT));
  cpSync(join(found.root, 'native'), join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !NOT_TO_RUN.has(extname(path)),
  });
  for (const path of tree(draft)) openToAll(path);
  repaired(draft);
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

function openToAll(path: string): void {
  const stats = lstatSync(path);
  if (!stats.isSymbolicLink()) chmodSync(path, stats.isDirectory() ? 0o755 : 0o644 | (stats.mode & 0o111));
}
