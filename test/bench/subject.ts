/** One of the compared servers: a process with its own database. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BenchConnection, type Cluster, connect } from './cluster.js';
import { send, LoadBrowser } from './load-browser.js';

export const CLIENT = {
  client_id: 'bench',
  client_secret: 'a-secret-of-the-benchmark-0123456789',
  redirect_uri: 'https://client.example/callback',
  scope: 'openid profile api',
};
export const PASSWORD = 'correct horse battery staple';
const REPOSITORY = join(import.meta.dirname, '../..');
const CHEAP_PASSWORDS = 'test/bench/cheap-passwords.cjs';

export type Endpoint = 'authorize' | 'token' | 'userinfo' | 'discovery';

/** How to start one kind of server. */
export interface Kind {
  readonly name: string;
  readonly main: string;
  /** The checkout that `main` belongs to; this one if absent. */
  readonly checkout?: string;
  readonly paths: Readonly<Record<Endpoint, string>>;
  env(databaseUrl: string, issuer: string): Readonly<Record<string, string>>;
  /** Creates the tables before the first start. */
  install(database: BenchConnection, databaseUrl: string): Promise<void>;
  /** Creates the client and the users while the server runs. */
  populate(origin: string, database: BenchConnection): Promise<void>;
  /** Statements that store `:rows` codes, grants and tokens as this server would have stored them. */
  readonly fill: readonly string[];
  /** Matches the statements of background work. */
  readonly background?: RegExp;
  /** Resolves when no background work is left. */
  untilIdle(database: BenchConnection): Promise<void>;
}

export interface Subject {
  readonly label: string;
  readonly kind: Kind;
  readonly databaseUrl: string;
  readonly database: BenchConnection;
  readonly origin: string;
  readonly pid: number;
  /** Browsers whose users have logged in and consented. */
  readonly browsers: LoadBrowser[];
  /** Refresh tokens that were not used. */
  readonly refreshTokens: string[];
  /** The username of the next user without a session or consent. */
  nextUser(): string;
  stop(): Promise<void>;
}

interface Start {
  readonly label: string;
  readonly databaseUrl: string;
  readonly database: BenchConnection;
  /** The URL for the server, if a proxy counts its traffic to the database. */
  readonly connectTo?: string;
  /** The number of users that other processes use. */
  readonly usersBefore?: number;
  readonly nodeOptions?: readonly string[];
  /** The program, instead of the one of the kind. */
  readonly main?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startSubject(kind: Kind, start: Start): Promise<Subject> {
  const { label, databaseUrl, database, connectTo = databaseUrl, usersBefore = 0, nodeOptions = [], main = kind.main, env = {} } = start;
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  const settings = { NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1', ...kind.env(connectTo, origin), ...env };
  const environment = { PATH: process.env['PATH'], ...settings };
  const { checkout = REPOSITORY } = kind;
  const args = ['--require', join(checkout, CHEAP_PASSWORDS), ...nodeOptions, join(checkout, main)];
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, env: environment, stdio: ['ignore', 'ignore', 'inherit'] });
  await ready(child, origin + kind.paths.discovery);
  let users = usersBefore;
  return {
    label,
    kind,
    databaseUrl,
    database,
    origin,
    pid: child.pid ?? 0,
    browsers: [],
    refreshTokens: [],
    nextUser: () => `user-${String(++users)}`,
    stop: async () => {
      const ended = once(child, 'exit');
      if (child.exitCode !== null || !child.kill('SIGTERM')) return;
      await ended;
      await database.close();
    },
  };
}

interface Installation extends Pick<Start, 'label' | 'nodeOptions' | 'main' | 'env'> {
  readonly rows: number;
}

/** Starts a subject with its tables, client and users, and with `rows` codes and tokens of each kind, vacuumed and analysed. */
export async function installSubject(kind: Kind, cluster: Cluster, { rows, ...start }: Installation): Promise<Subject> {
  const databaseUrl = await cluster.create(`bench_${start.label.replaceAll(/\W+/g, '_')}`);
  const database = await connect(databaseUrl);
  await kind.install(database, databaseUrl);
  const subject = await startSubject(kind, { ...start, databaseUrl, database });
  await kind.populate(subject.origin, database);
  for (const text of kind.fill) await database.query(text.replaceAll(':rows', String(rows)));
  await database.query('VACUUM ANALYZE');
  return subject;
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${String(child.exitCode)}`);
    const answer = await send(url).catch(() => undefined);
    if (answer?.status === 200) return;
    await pause(100);
  }
  throw new Error(`${url} did not answer within 30 s`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
