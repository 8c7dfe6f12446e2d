/** The process of the built server that a run tests. Its log is checked line by line, and its memory is measured. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface FuzzedServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly adminSecret: string;
  /** The first lines of the log that no request may cause, such as errors, or that contain a secret. */
  readonly suspiciousLines: readonly string[];
  readonly isAlive: () => boolean;
  /** Resident memory in MiB. */
  readonly memory: () => number;
  /** The exit code, or null if a signal ended the process. */
  stop(): Promise<number | null>;
}

const MAIN = join(import.meta.dirname, '../../dist/apps/server/src/main.js');
/** The heap is small, so memory grows only by a leak and not because there is room. */
const HEAP = '--max-old-space-size=192 --max-semi-space-size=8';
const ERROR_LEVEL = 50;
const MAX_LINES = 20;
/** Matches tokens, codes, handles and generated secrets, which are 43 or more characters of base64url, and also hashes and JWTs. */
const SECRET = /(?=[\w-]*\d)(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43,}|\$argon2|wrong password|a password that nobody has/;

export async function startFuzzedServer(databaseUrl: string): Promise<FuzzedServer> {
  const adminSecret = randomBytes(32).toString('base64url');
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      NODE_OPTIONS: HEAP,
      DATABASE_URL: databaseUrl,
      GATEHOUSE_SECRET: randomBytes(32).toString('base64url'),
      GATEHOUSE_ADMIN_SECRET: adminSecret,
      GATEHOUSE_DATA: tmpdir(),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const suspiciousLines: string[] = [];
  const url = await listening(child, (line) => {
    if (suspiciousLines.length < MAX_LINES && isSuspicious(line)) suspiciousLines.push(line.slice(0, 2000));
  });
  const { hostname: host, port } = new URL(url);
  return {
    url,
    host,
    port: Number(port),
    adminSecret,
    suspiciousLines,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    memory: () => residentMemory(child.pid ?? 0),
    stop: () => stop(child),
  };
}

function listening(child: ChildProcess, take: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let first = '';
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        take(line);
        if (first.length < 10_000) first += `${line}\n`;
        const url = /"url":"([^"]+)".*"msg":"listening"/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}: ${first}`)));
  });
}

function isSuspicious(line: string): boolean {
  const level = Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? ERROR_LEVEL);
  return level >= ERROR_LEVEL || SECRET.test(line);
}

/** 0 if the system has no /proc. */
function residentMemory(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  return child.exitCode;
}
