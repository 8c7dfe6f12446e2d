/** One of the servers that are compared: a process of its own on a database of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster, observe, type Observer } from './cluster.js';
import { send, Visitor } from './visitor.js';

export const CLIENT = {
  client_id: 'bench',
  client_secret: 'a-secret-of-the-benchmark-0123456789',
  redirect_uri: 'https://client.example/callback',
  scope: 'openid profile api',
};
export const PASSWORD = 'correct horse battery staple';
const REPOSITORY = join(import.meta.dirname, '../..');
const CHEAP_PASSWORDS = join(import.meta.dirname, 'cheap-passwords.cjs');

export type Endpoint = 'authorize' | 'token' | 'userinfo' | 'discovery';

/** How to start one kind of server. */
export interface Kind {
  readonly name: string;
  readonly main: string;
  readonly paths: Readonly<Record<Endpoint, string>>;
  env(databaseUrl: string, issuer: string): Readonly<Record<string, string>>;
  /** Makes the tables, before the first start. */
  install(database: Observer, databaseUrl: string): Promise<void>;
  /** Makes the client and the users, with the server running. */
  populate(origin: string, database: Observer): Promise<void>;
  /** Statements that make `:rows` codes, grants and tokens in the shape in which this server stores its own. */
  readonly stored: readonly string[];
  /** The statements of what runs behind the requests. */
  readonly behind?: RegExp;
  /** Resolves when nothing is at work behind the requests any more. */
  settled(database: Observer): Promise<void>;
}

export interface Subject {
  readonly label: string;
  readonly kind: Kind;
  readonly databaseUrl: string;
  readonly database: Observer;
  readonly origin: string;
  readonly pid: number;
  /** Browsers whose users have logged in and consented. */
  readonly browsers: Visitor[];
  /** Refresh tokens that were not used yet. */
  readonly refreshTokens: string[];
  /** The next user who has never been here. */
  nextUser(): string;
  stop(): Promise<void>;
}

interface Start {
  readonly label: string;
  readonly databaseUrl: string;
  readonly database: Observer;
  /** Where it differs from the database's own, for a wire that is listened to. */
  readonly connectTo?: string;
  /** How many users were here before. */
  readonly usersBefore?: number;
  readonly nodeOptions?: readonly string[];
  /** In the place of the kind's own. */
  readonly main?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startSubject(kind: Kind, start: Start): Promise<Subject> {
  const { label, databaseUrl, database, connectTo = databaseUrl, usersBefore = 0, nodeOptions = [], main = kind.main, env = {} } = start;
  const port = await freePort();
  const origin = `http://127.0.0.1:${String(port)}`;
  const settings = { NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1', ...kind.env(connectTo, origin), ...env };
  const whole = { PATH: process.env['PATH'], ...settings };
  const args = ['--require', CHEAP_PASSWORDS, ...nodeOptions, join(REPOSITORY, main)];
  const child = spawn(process.execPath, args, { cwd: REPOSITORY, env: whole, stdio: ['ignore', 'ignore', 'inherit'] });
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

/** A subject with its tables, its client, its users and `rows` of each kind of code and token, vacuumed and analysed. */
export async function installSubject(kind: Kind, cluster: Cluster, { rows, ...start }: Installation): Promise<Subject> {
  const databaseUrl = await cluster.create(`bench_${start.label.replaceAll(/\W+/g, '_')}`);
  const database = await observe(databaseUrl);
  await kind.install(database, databaseUrl);
  const subject = await startSubject(kind, { ...start, databaseUrl, database });
  await kind.populate(subject.origin, database);
  for (const text of kind.stored) await database.query(text.replaceAll(':rows', String(rows)));
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
  throw new Error(`no answer from ${url}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
