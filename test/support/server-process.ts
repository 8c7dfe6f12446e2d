/** Runs the built server in its own process, as in production. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything that the server has printed so far. */
  output(): string;
  /** Sends the signal and waits for the end: the exit code, or null if a signal ended the process. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

const MAIN = join(import.meta.dirname, '../../dist/apps/server/src/main.js');
const LISTENING = /"url":"([^"]+)"[^\n]*"msg":"listening"/;

/** Waits until the server listens. The process gets only `env` and the PATH, so no setting of the developer's shell reaches it. */
export async function spawnServer(env: Readonly<Record<string, string>>, main = MAIN): Promise<ServerProcess> {
  const environment = { PATH: process.env['PATH'], PORT: '0', ...env };
  const child = spawn(process.execPath, [main], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    let isListening = false;
    const take = (chunk: Buffer): void => {
      printed += chunk.toString();
      if (isListening) return; // Searching the output of a long run again and again would be slow.
      const listening = LISTENING.exec(printed)?.[1];
      if (listening === undefined) return;
      isListening = true;
      resolve(listening);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}: ${printed}`)));
  });
  return { url, pid: child.pid ?? 0, output: () => printed, stop: (signal = 'SIGTERM') => stop(child, signal) };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
  return child.exitCode;
}
