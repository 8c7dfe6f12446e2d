/**
 * The build, where it is needed: what `dist/` was made of is compared with what is there now, by content unless sizes and times
 * are those of then. Run by itself it says nothing unless something is wrong.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const ROOMS = ['apps', 'libs', 'migrations'];
const SETTINGS = [
  '.swcrc', 'apps/server/bundle.mjs', 'nest-cli.json', 'node_modules/.package-lock.json', 'package-lock.json', 'package.json',
  'tsconfig.json',
];
const NOT_BUILT = /\.(spec\.ts|d\.ts|mjs)$/;
const RECORD = 'dist/build.json';

/** A sentence for the person who started the build. */
export class BuildError extends Error {}

/**
 * Builds unless nothing has changed since the last build; whether it did. Rejects with a {@link BuildError}.
 * @param {{ root?: string, onBuild?: () => void }} [options]
 */
export async function ensureBuilt({ root = ROOT, onBuild } = {}) {
  const sources = ROOMS.flatMap((room) => filesBelow(root, room)).filter((file) => !NOT_BUILT.test(file));
  const read = [...SETTINGS.filter((file) => existsSync(join(root, file))), ...sources];
  const expected = sources.flatMap(outputsOf).sort();
  const stamp = stampOf(root, read);
  const { packages, ...built } = recorded(root);
  const before = isSame(expected, builtFiles(root)) && existsSync(join(root, 'dist/bundle')) ? built : {};
  if (before.stamp === stamp) return false;
  const digest = digestOf(root, read);
  if (before.digest === digest) {
    remember(root, { digest, stamp, packages });
    return false;
  }
  onBuild?.();
  refuseUnwritable(root);
  compile(root);
  // What was made of a source that is gone would still be loaded by whoever names it.
  const wanted = new Set(expected);
  for (const file of builtFiles(root)) if (!wanted.has(file)) rmSync(join(root, file));
  record(root, { digest, stamp, packages: await bundled(root, packages) });
  return true;
}

function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return files.map((file) => file.slice(root.length + 1)).sort();
}

/** Changes with each file that is written, even where its content stays. */
function stampOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs, ctimeMs } = statSync(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\0${ctimeMs}\0`);
  }
  return hash.digest('hex');
}

function digestOf(root, files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const content = readFileSync(join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function outputsOf(source) {
  const built = join('dist', source);
  return built.endsWith('.ts') ? [built.replace(/ts$/, 'js'), built.replace(/ts$/, 'js.map')] : [built];
}

function builtFiles(root) {
  return ROOMS.flatMap((room) => filesBelow(root, join('dist', room))).sort();
}

function isSame(some, others) {
  return some.length === others.length && some.every((file, index) => file === others[index]);
}

function recorded(root) {
  try {
    return JSON.parse(readFileSync(join(root, RECORD), 'utf8'));
  } catch {
    return {};
  }
}

/** Another start may read it at this moment. */
function record(root, found) {
  const draft = join(root, `${RECORD}.${process.pid}`);
  writeFileSync(draft, `${JSON.stringify(found)}\n`);
  renameSync(draft, join(root, RECORD));
}

/** Saves the next start a reading of everything; the build is as good where this user may not write there. */
function remember(root, found) {
  try {
    record(root, found);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}

function refuseUnwritable(root) {
  const target = existsSync(join(root, 'dist')) ? join(root, 'dist') : root;
  try {
    accessSync(target, constants.W_OK);
  } catch {
    throw new BuildError(`${target} cannot be written: let this user write there, or build as its owner with "npm run build".`);
  }
}

function compile(root) {
  const nest = compiler();
  rmSync(join(root, RECORD), { force: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, [nest, 'build'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new BuildError(`${stdout}${stderr}The sources do not compile: correct what is named above.`);
}

async function bundled(root, before) {
  // Not where it is not needed, nor before the packages are known to be there.
  const { bundle } = await import('./bundle.mjs');
  try {
    return await bundle(root, before);
  } catch (error) {
    throw new BuildError(`${error.message}\nThe packages do not fit into one file: apps/server/bundle.mjs tells which to leave out.`);
  }
}

function compiler() {
  try {
    return fileURLToPath(import.meta.resolve('@nestjs/cli/bin/nest.js'));
  } catch {
    throw new BuildError('The packages are not installed: run "npm ci" first.');
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureBuilt();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
