/** Two built servers on a Postgres of their own, with the means to kill and restart them. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#embedded-postgres/start-embedded-postgres.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import type { SeededRandom } from './seeded-random.js';
import { withConnection } from './snapshot.js';

export const ADMIN_SECRET = 'administrator-of-the-torture-only-0';
const READY_TIMEOUT_MS = 60_000;
/** Below the range of ephemeral ports, so no outgoing connection takes the port of a server while that server is down. */
const PORTS = { low: 20_000, high: 30_000 };

export class Cluster {
  #servers: (ServerProcess | undefined)[] = [];

  private constructor(
    private readonly postgres: EmbeddedPostgres,
    private readonly directory: string,
    private readonly ports: readonly number[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Both servers start at the same time, on an empty database. */
  static async open(random: SeededRandom): Promise<Cluster> {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-torture-'));
    // Under root, Postgres runs as another account. With this mode that account can use the directory, so all data stay in it.
    chmodSync(directory, 0o711);
    const postgres = await startEmbeddedPostgres({ dataDirectory: directory });
    const ports = [await freePort(random), await freePort(random)];
    const cluster = new Cluster(postgres, directory, ports, {
      DATABASE_URL: postgres.url,
      GATEHOUSE_ISSUER: `http://localhost:${String(ports[0])}`,
      GATEHOUSE_SECRET: randomBytes(32).toString('base64url'),
      GATEHOUSE_ADMIN_SECRET: ADMIN_SECRET,
      GATEHOUSE_DATA: directory,
    });
    await Promise.all(ports.map((_, index) => cluster.start(index)));
    return cluster;
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  get issuer(): string {
    return this.env['GATEHOUSE_ISSUER'] ?? '';
  }

  /** The URLs of both servers, running or not. */
  get urls(): readonly string[] {
    return this.ports.map((port) => `http://127.0.0.1:${port}`);
  }

  async start(index: number): Promise<void> {
    this.#servers[index] = await spawnServer({ ...this.env, PORT: String(this.ports[index]) });
  }

  async killServer(index: number): Promise<void> {
    await this.#servers[index]?.stop('SIGKILL');
    this.#servers[index] = undefined;
  }

  async startMissing(): Promise<void> {
    const missing = this.ports.flatMap((_, index) => (this.#servers[index] === undefined ? [index] : []));
    await Promise.all(missing.map((index) => this.start(index)));
  }

  /** Kills the postmaster. Its children exit a little later, and the embedded Postgres is then restarted by the code that started it. */
  async killPostmaster(): Promise<void> {
    process.kill(await this.#postmasterPid(), 'SIGKILL');
  }

  /** Kills one process of Postgres. The postmaster then ends all others and recovers. */
  async killBackend(random: SeededRandom): Promise<void> {
    const text = `SELECT pid FROM pg_stat_activity WHERE application_name = 'gatehouse' OR backend_type IN ('walwriter', 'checkpointer')
                  ORDER BY pid`;
    const pids = await withConnection(this.databaseUrl, async (client) => (await client.query<{ pid: number }>(text)).rows);
    process.kill(random.pick(pids).pid, 'SIGKILL');
  }

  /** Waits until `/health/ready` of both servers answers 200. */
  async untilReady(): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    for (const url of this.urls) {
      while (!(await isReady(url))) {
        if (Date.now() > deadline) throw new Error(`${url} is not ready after ${READY_TIMEOUT_MS / 1000} s`);
        await pause(50);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.flatMap((server) => (server === undefined ? [] : [server.stop()])));
    await this.postgres.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #postmasterPid(): Promise<number> {
    return withConnection(this.databaseUrl, async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      return parentOf(rows[0]?.pid ?? 0);
    });
  }
}

function parentOf(pid: number): number {
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  if (!(parent > 1)) throw new Error(`the process ${pid} has no postmaster`);
  return parent;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready`)).status === 200;
  } catch {
    return false; // The server does not listen yet.
  }
}

async function freePort(random: SeededRandom): Promise<number> {
  for (;;) {
    const port = random.between(PORTS.low, PORTS.high);
    const isTaken = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => undefined).unref();
      socket.once('connect', () => socket.destroy());
    });
    if (!isTaken) return port;
  }
}
