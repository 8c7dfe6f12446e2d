/** Runs programs of the repository as a user does, without settings of the developer's shell. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '../..');
const START = 'apps/server/start.mjs';
const READY = / {2}ready +(\S+) after [\s\S]*\n\n$/;

type Environment = Readonly<Record<string, string>>;

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly env?: Environment;
  readonly cwd?: string;
  /** Called with the whole standard output so far, whenever more is printed. */
  readonly onPrinted?: (stdout: string) => void;
}

/** Runs a program in Node until it ends. */
export async function run(args: readonly string[], options: Options = {}): Promise<RunResult> {
  const { child, ended } = begin(args, options);
  const printed = collect(child);
  child.stdout.on('data', () => options.onPrinted?.(printed.stdout));
  await ended;
  return { code: child.exitCode, ...printed };
}

/** Starts the server with settings that it must refuse. */
export function refusedStart(env: Environment): Promise<RunResult> {
  return run([START], { env: { PORT: '0', ...env } });
}

export interface StartedServer {
  readonly issuer: string;
  readonly stdout: string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the server as `npm start` does, and waits until the whole banner is printed. */
export async function startServerScript(env: Environment): Promise<StartedServer> {
  const { child, ended } = begin([START], { env: { PORT: '0', ...env } });
  const printed = collect(child);
  const issuer = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = READY.exec(printed.stdout)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the start ended with ${String(code)}: ${printed.stdout}${printed.stderr}`)));
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  return { issuer, stdout: printed.stdout, stop };
}

/** A new directory for data. Under root, Postgres runs as another account; the mode lets that account use the directory. */
export function dataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-start-'));
  chmodSync(directory, 0o711);
  return directory;
}

function begin(args: readonly string[], { env = {}, cwd = REPOSITORY }: Options) {
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env };
  const child = spawn(process.execPath, args, { env: environment, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, ended: once(child, 'close') };
}

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const printed = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()));
  return printed;
}
