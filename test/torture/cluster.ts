/** Two servers, as they are run, on one Postgres of their own; and what befalls them. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#embedded-postgres/start-embedded-postgres.js';
import { type ServerProcess, spawnServer } from '#test/process.js';
import type { Dice } from './random.js';
import { asClient } from './stored.js';

export const ADMIN_SECRET = 'administrator-of-the-torture-only-0';
const READY_AFTER_MS = 60_000;
/** Below the ports that outgoing connections get: while a server is dead, nobody else takes its port. */
const PORTS = { low: 20_000, high: 30_000 };

export class House {
  #servers: (ServerProcess | undefined)[] = [];

  private constructor(
    private readonly postgres: EmbeddedPostgres,
    private readonly directory: string,
    private readonly ports: readonly number[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Both servers begin at once, on an empty database. */
  static async open(dice: Dice): Promise<House> {
    const directory = mkdtempSync(join(tmpdir(), 'gatehouse-torture-'));
    // Passable for the account that root's Postgres runs as, so that the data stay in here and are removed with it.
    chmodSync(directory, 0o711);
    const postgres = await startEmbeddedPostgres({ dataDirectory: directory });
    const ports = [await freePort(dice), await freePort(dice)];
    const house = new House(postgres, directory, ports, {
      DATABASE_URL: postgres.url,
      GATEHOUSE_ISSUER: `http://localhost:${String(ports[0])}`,
      GATEHOUSE_SECRET: randomBytes(32).toString('base64url'),
      GATEHOUSE_ADMIN_SECRET: ADMIN_SECRET,
      GATEHOUSE_DATA: directory,
    });
    await Promise.all(ports.map((_, index) => house.start(index)));
    return house;
  }

  get databaseUrl(): string {
    return this.postgres.url;
  }

  get issuer(): string {
    return this.env['GATEHOUSE_ISSUER'] ?? '';
  }

  /** Dead or alive. */
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

  /** The postmaster dies; its children notice by and by. Whoever keeps the embedded Postgres starts it again. */
  async killPostmaster(): Promise<void> {
    process.kill(await this.#askPid('SELECT pg_backend_pid() AS pid', parentOf), 'SIGKILL');
  }

  /** A process of Postgres dies, at which the postmaster ends all others and recovers. */
  async killBackend(dice: Dice): Promise<void> {
    const text = `SELECT pid FROM pg_stat_activity WHERE application_name = 'gatehouse' OR backend_type IN ('walwriter', 'checkpointer')
                  ORDER BY pid`;
    const pids = await asClient(this.databaseUrl, async (client) => (await client.query<{ pid: number }>(text)).rows);
    process.kill(dice.pick(pids).pid, 'SIGKILL');
  }

  /** Waits until both servers are there and say that they can serve. */
  async ready(): Promise<void> {
    const deadline = Date.now() + READY_AFTER_MS;
    for (const url of this.urls) {
      while (!(await isReady(url))) {
        if (Date.now() > deadline) throw new Error(`${url} is not ready after ${READY_AFTER_MS / 1000} s`);
        await pause(50);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.flatMap((server) => (server === undefined ? [] : [server.stop()])));
    await this.postgres.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #askPid(text: string, pidFrom: (pid: number) => number): Promise<number> {
    return asClient(this.databaseUrl, async (client) => {
      const { rows } = await client.query<{ pid: number }>(text);
      return pidFrom(rows[0]?.pid ?? 0);
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
    return false; // Nobody listens yet.
  }
}

async function freePort(dice: Dice): Promise<number> {
  for (;;) {
    const port = dice.between(PORTS.low, PORTS.high);
    const isTaken = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => undefined).unref();
      socket.once('connect', () => socket.destroy());
    });
    if (!isTaken) return port;
  }
}
