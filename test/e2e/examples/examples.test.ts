/** Each example as it stands in `examples/`, run by its own program against a server, with a person who signs in. */
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
/** Where Debian puts the sources of its packages for Go. */
const DEBIAN_GO = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '-buildvcs=false' };

function works(command: Command, env: Readonly<Record<string, string>> = {}): boolean {
  const [program, ...args] = command;
  return spawnSync(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' }).status === 0;
}

/** Debian's packages belong to its own Python, which need not be the first on the PATH. */
const python = ['python3', '/usr/bin/python3'].find((program) => works([program, '-c', 'import authlib, requests']));
const hasGo = works(['go', 'list', 'golang.org/x/oauth2'], DEBIAN_GO);

let server: TestServer;
let user: TestUser;
let client: TestClient;
let place: string;

beforeAll(async () => {
  server = await startServer();
  user = await aUser(server, { name: 'Jane Doe', email: 'jane@example.com' });
  client = await aClient(server, { redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'] });
  place = mkdtempSync(join(tmpdir(), 'gatehouse-examples-'));
});
afterAll(async () => {
  rmSync(place, { recursive: true, force: true });
  await server.close();
});

function environment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = { ISSUER: server.issuer, CLIENT_ID: client.client_id, CLIENT_SECRET: client.client_secret };
  return { PATH: process.env['PATH'], HOME: process.env['HOME'], ...own, ...env };
}

/** Signs in where the request leads; where the server then sends the browser. */
async function signIn(url: string): Promise<string> {
  const browser = new Browser(server.issuer);
  const page = await browser.follow(await logIn(browser, await browser.follow(await browser.get(url)), user));
  if (page.location === undefined) throw new Error(`no redirect to the client: ${page.body}`);
  return page.location;
}

/** The line of the README that runs the example; empty where there is none. */
function commandOf(example: string): string {
  return README.split('\n').find((line) => line.endsWith(` examples/${example}`)) ?? '';
}

function start(command: string, env: Readonly<Record<string, string>> = {}) {
  return spawn('bash', ['-c', command], { env: environment(env), cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Answers a program that prints an address to open and waits for the one at which the browser ends. */
async function walk(command: string): Promise<string> {
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
  it('in curl walks the whole flow', async () => {
    expectWholeFlow(await walk(commandOf('curl/flow.sh')));
  });

  it('in TypeScript, with openid-client, walks the whole flow', async () => {
    expectWholeFlow(await walk(commandOf('typescript/flow.ts')));
  });

  it('of an Express app with Passport signs its user in', async () => {
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

  (python === undefined ? it.skip : it)('in Python, with Authlib, walks the whole flow (needs python3-authlib and -requests)', async () => {
    expectWholeFlow(await walk(commandOf('python/flow.py').replace(/^python3/, python ?? '')));
  });

  (hasGo ? it : it.skip)('in Go, with x/oauth2, walks the whole flow (needs golang-golang-x-oauth2-dev)', async () => {
    expectWholeFlow(await walk(commandOf('go/flow.go')));
  }, 120_000);

  it('stands in the README of the examples, with the command that was run here', () => {
    const files = readdirSync(EXAMPLES, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const examples = files.map((entry) => relative(EXAMPLES, join(entry.parentPath, entry.name))).filter((path) => path !== 'README.md');
    expect(examples).toHaveLength(5);
    for (const example of examples) {
      expect(commandOf(example)).not.toBe('');
      expect(README).toContain(`](${example})`);
    }
  });

  it('takes the client of the demo over as its README says', () => {
    const [assignment = ''] = /^export CLIENT_SECRET=.+$/m.exec(README) ?? [];
    mkdirSync(join(place, '.gatehouse'));
    writeFileSync(join(place, '.gatehouse/demo.json'), JSON.stringify({ client_secret: 'drawn' }));
    const { stdout } = spawnSync('bash', ['-c', `${assignment}\nprintf %s "$CLIENT_SECRET"`], { cwd: place, encoding: 'utf8' });
    expect(stdout).toBe('drawn');
  });
});
