/** Each example as it stands in `examples/`, run by its own program against a server, with a person who signs in. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFileSync } from '@swc/core';
import { Browser } from '../../support/browser.js';
import { logIn } from '../../support/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '../../support/mothers.js';
import { startServer, type TestServer } from '../../support/server.js';
import { REPOSITORY } from '../../support/start.js';

type Command = readonly [program: string, ...args: string[]];
interface Example {
  readonly command: Command;
  readonly env?: Readonly<Record<string, string>>;
}

const EXAMPLES = join(REPOSITORY, 'examples');
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
let built: string;

beforeAll(async () => {
  server = await startServer();
  user = await aUser(server, { name: 'Jane Doe', email: 'jane@example.com' });
  client = await aClient(server, { redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'] });
  mkdirSync(join(REPOSITORY, 'dist'), { recursive: true });
  // Below the repository, where Node finds the packages.
  built = mkdtempSync(join(REPOSITORY, 'dist/examples-'));
});
afterAll(async () => {
  rmSync(built, { recursive: true, force: true });
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

/** Answers a program that prints an address to open and waits for the one at which the browser ends. */
async function walk({ command: [program, ...args], env }: Example): Promise<string> {
  const child = spawn(program, args, { env: environment(env), cwd: REPOSITORY, stdio: ['pipe', 'pipe', 'pipe'] });
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
    expectWholeFlow(await walk({ command: ['bash', join(EXAMPLES, 'curl/flow.sh')] }));
  });

  it('in TypeScript, with openid-client, walks the whole flow', async () => {
    const file = join(built, 'flow.mjs');
    writeFileSync(file, transformFileSync(join(EXAMPLES, 'typescript/flow.ts'), { swcrc: false, jsc: { target: 'es2022' } }).code);
    expectWholeFlow(await walk({ command: [process.execPath, file] }));
  });

  it('of an Express app with Passport signs its user in', async () => {
    const app = spawn(process.execPath, [join(EXAMPLES, 'express/app.mjs')], { env: environment({ PORT: '0' }), cwd: REPOSITORY });
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
    expectWholeFlow(await walk({ command: [python ?? '', join(EXAMPLES, 'python/flow.py')] }));
  });

  (hasGo ? it : it.skip)('in Go, with x/oauth2, walks the whole flow (needs golang-golang-x-oauth2-dev)', async () => {
    const file = join(built, 'flow-go');
    const build: Command = ['go', 'build', '-o', file, join(EXAMPLES, 'go/flow.go')];
    expect(works(build, DEBIAN_GO)).toBe(true);
    expectWholeFlow(await walk({ command: [file] }));
  }, 120_000);
});
