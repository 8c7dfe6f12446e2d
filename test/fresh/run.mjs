/**
 * Tests the first steps of the README in a fresh clone, as an ordinary user and, if root runs this, as root too:
 *
 *   node test/fresh/run.mjs [--results file.json]
 *
 * Clones HEAD into a new directory and runs `npm ci` and `npm start` there with an empty home until the banner is shown. Then runs the
 * demo flow, ends the server by SIGTERM, and starts it again. The ordinary user also runs some of the tests. The last line is
 * "N passed, N failed"; `--results` writes both numbers in the format of jest.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const TESTS = ['test/e2e/start/first-minutes', 'test/deploy'];
/** Environment variables for access to npm's registry. */
const NETWORK_VARIABLES = /^(https?_proxy|no_proxy|npm_config_registry|node_extra_ca_certs)$/i;
const BANNER = /^ {2}Discovery +\S+/m;
const NOBODY = 65_534;
const MINUTE = 60_000;

const { values } = parseArgs({ options: { results: { type: 'string' } } });
const counts = { passed: 0, failed: 0 };
const directory = mkdtempSync(join(tmpdir(), 'gatehouse-fresh-'));
chmodSync(directory, 0o755);
try {
  const isRoot = process.getuid?.() === 0;
  await runSteps({ name: isRoot ? 'as an ordinary user' : 'as this user', uid: isRoot ? ordinaryUser() : undefined, tests: TESTS });
  if (isRoot) await runSteps({ name: 'as root', uid: undefined, tests: [] });
} finally {
  rmSync(directory, { recursive: true, force: true });
}
say(`${counts.passed} passed, ${counts.failed} failed`);
if (values.results !== undefined) {
  writeFileSync(values.results, JSON.stringify({ numPassedTests: counts.passed, numFailedTests: counts.failed }));
}
process.exitCode = counts.failed === 0 ? 0 : 1;

async function runSteps({ name, uid, tests }) {
  const home = join(directory, `home-${uid ?? 'own'}`);
  mkdirSync(home, { mode: 0o700 });
  const clone = cloneOf(join(directory, `clone-${uid ?? 'own'}`));
  if (uid !== undefined) {
    chownSync(home, uid, uid);
    execFileSync('chown', ['-R', `${uid}:${uid}`, clone]);
  }
  const at = { uid, clone, env: await environment(home) };
  const begin = performance.now();
  const started = await check(name, 'npm ci && npm start shows the banner', async () => {
    await ended(run(at, 'npm', ['ci', '--no-audit', '--no-fund']));
    return start(at);
  });
  if (started === undefined) return;
  say(`     ${seconds(begin)} s from typing "npm ci && npm start" to the banner`);
  await check(name, 'npm run flow -- --auto completes the flow', () => ended(run(at, 'npm', ['run', 'flow', '--', '--auto'])));
  await check(name, 'SIGTERM to the server ends the server and npm with exit code 0', async () => {
    process.kill(serverBelow(started.child.pid), 'SIGTERM');
    await ended(started);
    refuseRunning(at);
  });
  const again = performance.now();
  const second = await check(name, 'a second npm start shows the banner with the existing data', () => start(at));
  if (second === undefined) return;
  say(`     ${seconds(again)} s for the second start`);
  await check(name, 'SIGTERM to npm ends npm, the server and the database', async () => {
    second.child.kill('SIGTERM');
    await second.exit;
    refuseRunning(at);
  });
  if (tests.length > 0) await check(name, `npx jest ${tests.join(' ')}`, () => jest(at, tests));
}

async function check(name, what, work) {
  try {
    const result = (await work()) ?? true;
    counts.passed += 1;
    say(`ok   ${name}: ${what}`);
    return result;
  } catch (error) {
    counts.failed += 1;
    say(`FAIL ${name}: ${what}\n${error.message}`);
    return undefined;
  }
}

/** Git refuses to read a repository of another user, unless its configuration allows it; this run has its own configuration. */
function cloneOf(target) {
  const config = join(directory, 'gitconfig');
  writeFileSync(config, '[safe]\n\tdirectory = *\n[advice]\n\tdetachedHead = false\n');
  const env = { ...process.env, GIT_CONFIG_GLOBAL: config };
  execFileSync('git', ['clone', '--quiet', `file://${ROOT}`, target], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return target;
}

function ordinaryUser() {
  try {
    return Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return NOBODY;
  }
}

async function environment(home) {
  const network = Object.entries(process.env).filter(([variable]) => NETWORK_VARIABLES.test(variable));
  return { ...Object.fromEntries(network), PATH: process.env.PATH, HOME: home, PORT: String(await freePort()), NO_COLOR: '1' };
}

function run({ uid, clone, env }, program, args) {
  const options = { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'], ...(uid === undefined ? {} : { uid, gid: uid }) };
  const child = spawn(program, args, options);
  const running = { child, what: [program, ...args].join(' '), output: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (running.output += chunk));
  running.exit = new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code, signal) => resolve(code ?? signal));
  });
  return running;
}

async function ended(running) {
  const timer = setTimeout(() => running.child.kill('SIGKILL'), 5 * MINUTE);
  const code = await running.exit;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${running.what} ended with ${code}:\n${running.output.slice(-2000)}`);
}

/** Waits for the whole banner, which ends with an empty line. */
async function start(at) {
  const running = run(at, 'npm', ['start']);
  const shown = new Promise((resolve) => {
    running.child.stdout.on('data', () => {
      if (BANNER.test(running.output) && running.output.endsWith('\n\n')) resolve(true);
    });
  });
  const timer = setTimeout(() => running.child.kill('SIGTERM'), 3 * MINUTE);
  const isShown = await Promise.race([shown, running.exit.then(() => false)]);
  clearTimeout(timer);
  if (!isShown) throw new Error(`npm start did not show the banner:\n${running.output.slice(-2000)}`);
  return running;
}

/** The PID of the server that npm has started, directly or through a shell. */
function serverBelow(npm) {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const parents = new Map([...table.matchAll(/^ *(\d+) +(\d+)/gm)].map(([, pid, parent]) => [Number(pid), Number(parent)]));
  const servers = [...table.matchAll(/^ *(\d+) +\d+ +\S*node .*apps\/server\/start\.mjs$/gm)].map(([, pid]) => Number(pid));
  const found = servers.find((pid) => parents.get(parents.get(pid)) === npm || parents.get(pid) === npm);
  if (found === undefined) throw new Error('npm has no child process that is a server');
  return found;
}

function refuseRunning({ clone }) {
  if (existsSync(join(clone, '.gatehouse/postgres/postmaster.pid'))) throw new Error('the database is still running');
}

async function jest(at, tests) {
  const file = join(at.clone, 'fresh.json');
  const running = run(at, 'npx', ['jest', ...tests, '--json', `--outputFile=${file}`]);
  await ended(running);
  const { numPassedTests, numPendingTests } = JSON.parse(readFileSync(file, 'utf8'));
  if (numPassedTests === 0 || numPendingTests > 0) throw new Error(`tests were skipped:\n${running.output.slice(-2000)}`);
  counts.passed += numPassedTests - 1;
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function seconds(begin) {
  return ((performance.now() - begin) / 1000).toFixed(1);
}

function say(line) {
  process.stdout.write(`${line}\n`);
}
