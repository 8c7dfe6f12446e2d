/** Runs each example of `examples/` with its documented command against a server, and signs in with a browser. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { Browser } from '#test/browser.js';
import { logIn } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { REPOSITORY } from '#test/run-program.js';

type Command = readonly [program: string, ...args: string[]];

const EXAMPLES = join(REPOSITORY, 'examples');
const README = readFileSync(join(EXAMPLES, 'README.md'), 'utf8');
/** Debian installs the sources of Go packages in this GOPATH. */
const DEBIAN_GO = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '-buildvcs=false' };

function succeeds(command: Command, env: Readonly<Record<string, string>> = {}): boolean {
  const [program, ...args] = command;
  return spawnSync(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' }).status === 0;
}

/** Debian's packages are for its own Python, which need not be the first on the PATH. */
const python = ['python3', '/usr/bin/python3'].find((program) => succeeds([program, '-c', 'import authlib, requests']));
const hasGo = succeeds(['go', 'list', 'golang.org/x/oauth2'], DEBIAN_GO);

let server: TestServer;
let user: TestUser;
let client: TestClient;
let directory: string;

beforeAll(async () => {
  server = await startServer();
  user = await aUser(server, { name: 'Jane Doe', email: 'jane@example.com' });
  client = await aClient(server, { redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'] });
  directory = mkdtempSync(join(tmpdir(), 'gatehouse-examples-'));
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await server.close();
});

function environment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = { ISSUER: server.issuer, CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret };
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], ...own, ...env };
}

/** Signs in for the authorization request; the URL of the redirect to the client. */
async function signIn(url: string): Promise<string> {
  const browser = new Browser(server.issuer);
  const page = await browser.follow(await logIn(browser, await browser.follow(await browser.get(url)), user));
  if (page.location === undefined) throw new Error(`expected a redirect to the client, got ${page.body}`);
  return page.location;
}

/** The line of the README that runs the example; empty if there is none. */
function commandOf(example: string): string {
  return README.split('\n').find((line) => line.endsWith(` examples/${example}`)) ?? '';
}

function start(command: string, env: Readonly<Record<string, string>> = {}) {
  return spawn('bash', ['-c', command], { env: environment(env), cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs a program that prints the URL of an authorization request and reads the URL of the redirect. */
async function runFlow(command: string): Promise<string> {
  const child = start(command);
  const ended = once(child, 'close');
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  for await (const line of createInterface({ input: child.stdout })) {
    printed += `${line}\n`;
    if (line.startsWith(`${server.issuer}/oauth/`)) child.stdin.write(`${await signIn(line)}\n`);
  }
  await ended;
  return `${printed}exit ${String(child.exitCode)}`;
}

function expectWholeFlow(printed: string): void {
  expect(printed).toMatch(/Userinfo:\n\{.*"email": ?"jane@example\.com".*\}\n/);
  expect(printed).toMatch(/Refreshed: a new [Bb]earer token for "openid profile email"\nexit 0$/);
}

describe('the example', () => {
  it('in curl completes the flow', async () => {
    expectWholeFlow(await runFlow(commandOf('curl/flow.sh')));
  });

  it('in TypeScript with openid-client completes the flow', async () => {
    expectWholeFlow(await runFlow(commandOf('typescript/flow.ts')));
  });

  it('with Express and Passport signs its user in', async () => {
    const app = start(commandOf('express/app.mjs'), { PORT: '0' });
    try {
      const [line] = (await once(createInterface({ input: app.stdout }), 'line')) as [string];
      const browser = new Browser(line.replace('Open ', ''));
      const request = await browser.get('/login');
      await browser.get(await signIn(request.location ?? ''));
      expect(JSON.parse((await browser.get('/')).body)).toMatchObject({ sub: user.sub, email: 'jane@example.com' });
    } finally {
      app.kill();
      await once(app, 'close');
    }
  });

  (python === undefined ? it.skip : it)('in Python with Authlib completes the flow (needs python3-authlib and -requests)', async () => {
    expectWholeFlow(await runFlow(commandOf('python/flow.py').replace(/^python3/, python ?? '')));
  });

  (hasGo ? it : it.skip)('in Go with x/oauth2 completes the flow (needs golang-golang-x-oauth2-dev)', async () => {
    expectWholeFlow(await runFlow(commandOf('go/flow.go')));
  }, 120_000);

  it('is in the README of the examples with the command of its test', () => {
    const files = readdirSync(EXAMPLES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const examples = files.map((entry) => relative(EXAMPLES, join(entry.parentPath, entry.name))).filter((path) => path !== 'README.md');
    expect(examples).toHaveLength(5);
    for (const example of examples) {
      expect(commandOf(example)).not.toBe('');
      expect(README).toContain(`](${example})`);
    }
  });

  it('gets the secret of the demo client by the command in the README', () => {
    const [assignment = ''] = /^export CLIENT_SECRET=.+$/m.exec(README) ?? [];
    mkdirSync(join(directory, '.gatehouse'));
    writeFileSync(join(directory, '.gatehouse/demo.json'), JSON.stringify({ client_secret: 'of-the-demo' }));
    const { stdout } = spawnSync('bash', ['-c', `${assignment}\nprintf %s "$CLIENT_SECRET"`], { cwd: directory, encoding: 'utf8' });
    expect(stdout).toBe('of-the-demo');
  });
});
