/**
 * Measures how long `npm start` takes until the first 200 of `/health/ready`, on the embedded database:
 *
 *   node test/bench/start.mjs [--runs 7] [--command "npm start"]
 *
 * `first` starts without a data directory and without a code cache of V8; `second` starts with what the first run has left. The build is
 * done before and is not measured. The CPU time is that of all processes of the start, user and system, Postgres included. It is read
 * from /proc, so there is none outside of Linux.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const BUNDLE = join(ROOT, 'dist/bundle');
const POLL_MILLISECONDS = 5;
const MILLISECONDS_PER_TICK = 10;
const LONGEST_WAIT_MILLISECONDS = 10_000;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' }, command: { type: 'string', default: 'npm start' } } });
execFileSync(process.execPath, ['apps/server/build.mjs'], { cwd: ROOT, stdio: 'inherit' });

const runs = { first: [], second: [] };
for (let run = 0; run < Number(values.runs); run++) {
  const data = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  chmodSync(data, 0o711);
  for (const file of cacheFiles()) rmSync(join(BUNDLE, file));
  for (const kind of ['first', 'second']) runs[kind].push(await measure(data));
  rmSync(data, { recursive: true });
}
for (const [kind, results] of Object.entries(runs)) {
  const seconds = results.map((result) => result.seconds);
  const [low, middle, high] = [Math.min(...seconds), median(seconds), Math.max(...seconds)];
  const cpu = median(results.map((result) => result.cpuSeconds));
  const range = `${format(low)} to ${format(high)}`;
  process.stdout.write(`${kind.padEnd(7)} ${format(middle)} s (${range}), ${format(cpu)} s of CPU, ${results.length} runs\n`);
}

async function measure(data) {
  const port = String(await freePort());
  const { PATH, HOME } = process.env;
  const [program, ...args] = values.command.split(' ');
  const begin = performance.now();
  // In a process group of its own, a signal reaches the server although npm and a shell are between.
  const child = spawn(program, args, { cwd: ROOT, env: { PATH, HOME, PORT: port, GATEHOUSE_DATA: data }, stdio: 'ignore', detached: true });
  const ended = once(child, 'exit');
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`the start ended with ${child.exitCode}`);
    await pause(POLL_MILLISECONDS);
  }
  const seconds = (performance.now() - begin) / 1000;
  const cpuSeconds = cpuOf(child.pid, processes()) / 1000;
  await untilCached();
  process.kill(-child.pid, 'SIGTERM');
  await ended;
  await untilStopped(data);
  return { seconds, cpuSeconds };
}

/** The server writes the code cache a second after the start. A command that does not use the bundle writes none. */
async function untilCached() {
  const end = performance.now() + LONGEST_WAIT_MILLISECONDS;
  while (cacheFiles().length < 2 && performance.now() < end) await pause(POLL_MILLISECONDS);
}

function cacheFiles() {
  return readdirSync(BUNDLE).filter((file) => file.endsWith('.cache'));
}

function isReady(port) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/health/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}

/** npm may end before the server; the database ends last. */
async function untilStopped(data) {
  while (readdirSync(join(data, 'postgres')).includes('postmaster.pid')) await pause(POLL_MILLISECONDS);
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** The CPU time of the process, its descendants and its ended children, in milliseconds. */
function cpuOf(pid, all) {
  const own = all.get(pid)?.milliseconds ?? Number.NaN;
  return [...all].filter(([, { parent }]) => parent === pid).reduce((sum, [child]) => sum + cpuOf(child, all), own);
}

function processes() {
  const pids = process.platform === 'linux' ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return new Map(pids.flatMap((pid) => {
    try {
      // The name of the program, in parentheses, may contain spaces.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      return [[Number(pid), { parent: Number(fields[1]), milliseconds: ticks * MILLISECONDS_PER_TICK }]];
    } catch {
      return [];
    }
  }));
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function format(number) {
  return number.toFixed(2);
}
