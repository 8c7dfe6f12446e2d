/**
 * Runs the server out of the two files of `dist/bundle`, with what V8 made of them at an earlier start, or else from the many
 * files that they were made of. The build writes the two; they are passed over where somebody has compiled the many anew. See
 * docs/adr/0016.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { traceSources } from './trace-sources.js';

type Server = typeof import('./run-server.js');
type Packages = Readonly<Record<string, () => unknown>>;
type Require = (name: string) => unknown;

interface Loaded<Exports> {
  readonly exports: Exports;
  /** Writes down what V8 has compiled so far. */
  keep(): void;
}

const MANY = import.meta.dirname;
const BUNDLE = join(MANY, '../../../../bundle');
const DIGEST_BYTES = 32;
/** The first requests come before it. */
const PAUSE_MILLISECONDS = 1000;

export async function launch(startedBy: 'machine' | 'person'): Promise<void> {
  const [server, packages] = [bundled('server'), bundled('packages')];
  if (server === undefined || packages === undefined || isOlder(server, join(MANY, 'run-server.js'))) {
    return (await import('./run-server.js')).runServer(startedBy);
  }
  let table: Packages = {};
  const require = requireFrom((name) => table[name], createRequire(server));
  const shared = load<Packages>(packages, require);
  table = shared.exports;
  traceSources(server);
  const own = load<Server>(server, require);
  await own.exports.runServer(startedBy);
  const keep = (): void => [shared, own].forEach((loaded) => loaded.keep());
  if (process.exitCode === undefined) setTimeout(keep, PAUSE_MILLISECONDS).unref();
}

function bundled(name: string): string | undefined {
  if (!existsSync(BUNDLE)) return undefined;
  const found = readdirSync(BUNDLE).find((file) => file.startsWith(`${name}-`) && file.endsWith('.cjs'));
  return found && join(BUNDLE, found);
}

function isOlder(file: string, other: string): boolean {
  return statSync(file).mtimeMs < statSync(other).mtimeMs;
}

function load<Exports>(file: string, require: Require): Loaded<Exports> {
  const kept = `${file}.cache`;
  const cachedData = readWhole(kept);
  // Read byte by byte, which takes half the memory: all of it that is not a comment is ASCII.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, ...(cachedData && { cachedData }) });
  const module = { exports: {} };
  const define = script.runInThisContext() as (...parts: readonly unknown[]) => void;
  define(module.exports, require, module, file, dirname(file));
  const isKept = script.cachedDataRejected === false;
  return { exports: module.exports as Exports, keep: () => isKept || write(kept, script.createCachedData()) };
}

/** A package is run when it is asked for, once: by the server, or by a package that makes up a name, as TypeORM does for its driver. */
function requireFrom(packageOf: (name: string) => (() => unknown) | undefined, require: Require): Require {
  const known = new Map<string, unknown>();
  return (name) => {
    const run = packageOf(name);
    if (run === undefined) return require(name);
    if (!known.has(name)) known.set(name, run());
    return known.get(name);
  };
}

/** Digest ‖ data. V8 would run what a damaged disk has made of its code. */
function readWhole(file: string): Buffer | undefined {
  try {
    const bytes = readFileSync(file);
    const data = bytes.subarray(DIGEST_BYTES);
    return digestOf(data).equals(bytes.subarray(0, DIGEST_BYTES)) ? data : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}

/** Other starts read there at this moment. Where nothing can be written, each start compiles. */
function write(file: string, data: Buffer): void {
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, Buffer.concat([digestOf(data), data]), { flush: true });
    renameSync(draft, file);
  } catch {
    // As above.
  }
}
