import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createDatabase, dropDatabase } from '#test/database.js';
import { spawnServer } from '#test/server-process.js';
import { dataDirectory, type RunResult, refusedStart, REPOSITORY, run } from '#test/run-program.js';

const SECRET = randomBytes(32).toString('base64');

/** Standard error has one sentence that ends with what to do, and no stack trace. */
function expectSentence({ code, stderr }: RunResult, pattern: RegExp): void {
  expect(stderr).toMatch(pattern);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(code).toBe(1);
}

describe('a start that cannot succeed says why in one sentence:', () => {
  let directory: string;
  beforeEach(() => (directory = dataDirectory()));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('an old Node', async () => {
    const older = "data:text/javascript,Object.defineProperty(process,'version',{value:'v18.20.4'})";
    expectSentence(await run(['--import', older, 'apps/server/start.mjs']), /needs Node 20\.19 or newer, and this is v18\.20\.4/);
  });

  it('a port in use, before a database is created', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = String((other.address() as AddressInfo).port);
    const ended = await refusedStart({ PORT: port, GATEHOUSE_DATA: directory });
    other.close();
    expectSentence(ended, new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is taken: .*set PORT`));
    expect(ended.stdout).not.toContain('database');
  });

  it('an address of another machine', async () => {
    expectSentence(await refusedStart({ HOST: '192.0.2.1', GATEHOUSE_DATA: directory }), /^HOST=192\.0\.2\.1 .*set HOST/);
  });

  it('a data directory with other files in it', async () => {
    writeFileSync(join(directory, 'thesis.odt'), '');
    expectSentence(await refusedStart({ GATEHOUSE_DATA: directory }), /thesis\.odt.*set GATEHOUSE_DATA/);
  });

  it('a data directory with the database of another program', async () => {
    mkdirSync(join(directory, 'postgres'));
    expectSentence(await refusedStart({ GATEHOUSE_DATA: directory }), /is not a database of Gatehouse: .*GATEHOUSE_DATA/);
  });

  it('a data directory that cannot be created', async () => {
    writeFileSync(join(directory, 'file'), '');
    expectSentence(await refusedStart({ GATEHOUSE_DATA: join(directory, 'file/data') }), /cannot hold .*set GATEHOUSE_DATA/);
  });

  it('a database that is unreachable, after a message that the server waits, and without the password', async () => {
    const ended = await refusedStart({ DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/gatehouse', GATEHOUSE_SECRET: SECRET });
    expectSentence(ended, /^The database at 127\.0\.0\.1:1\/gatehouse cannot be used \(.*ECONNREFUSED.*\): .*DATABASE_URL/);
    expect(ended.stdout).toContain('waiting for it');
    expect(ended.stdout + ended.stderr).not.toContain('hunter2');
  });

  it('a wrong password of the database, without waiting', async () => {
    const url = new URL(process.env['TEST_DATABASE_URL'] ?? '');
    url.password = 'hunter2';
    const ended = await refusedStart({ DATABASE_URL: url.href, GATEHOUSE_SECRET: SECRET });
    expectSentence(ended, /password authentication failed.*DATABASE_URL/);
    expect(ended.stdout + ended.stderr).not.toContain('hunter2');
  });

  it('a secret that does not decrypt the keys in the database', async () => {
    const database = await createDatabase();
    try {
      await (await spawnServer({ DATABASE_URL: database, GATEHOUSE_SECRET: SECRET })).stop();
      const another = randomBytes(32).toString('base64');
      const ended = await refusedStart({ DATABASE_URL: database, GATEHOUSE_SECRET: another });
      expectSentence(ended, /^GATEHOUSE_SECRET does not open the signing key/);
    } finally {
      await dropDatabase(database);
    }
  }, 30_000);
});

describe('a start that fails for an unknown reason', () => {
  it('prints a stack trace with the positions in the sources', async () => {
    const directory = dataDirectory();
    mkdirSync(join(directory, 'demo.json'));
    const { code, stderr } = await refusedStart({ GATEHOUSE_DATA: directory });
    rmSync(directory, { recursive: true, force: true });
    expect(stderr).toMatch(/^Error: EISDIR/m);
    expect(stderr).toContain(`at keepDemo (${join(REPOSITORY, 'apps/server/src/demo/demo-file.ts')}:`);
    expect(code).toBe(1);
  }, 30_000);
});

describe('a start in production is refused', () => {
  const production = { NODE_ENV: 'production', GATEHOUSE_SECRET: SECRET };
  let directory: string;
  beforeEach(() => (directory = dataDirectory()));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it.each([
    ['without a secret', { GATEHOUSE_SECRET: '' }, /GATEHOUSE_SECRET is required in production; make one with/],
    ['with a weak secret', { GATEHOUSE_SECRET: 'change-me-change-me-change-me-change-me' }, /GATEHOUSE_SECRET must be random/],
    ['with an http issuer', { GATEHOUSE_ISSUER: 'http://id.company.test' }, /GATEHOUSE_ISSUER must use https/],
    ['with the demo', { GATEHOUSE_DEMO: 'on' }, /GATEHOUSE_DEMO must be off/],
  ])('%s', async (_, env, sentence) => {
    const { code, stderr } = await refusedStart({ ...production, GATEHOUSE_DATA: directory, ...env });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(78);
  });

  it('on data that the demo has created', async () => {
    writeFileSync(join(directory, 'demo.json'), '{}');
    expectSentence(await refusedStart({ ...production, GATEHOUSE_DATA: directory }), /holds the demo's .*set DATABASE_URL, or GATEHOUSE_DATA/);
  });
});
