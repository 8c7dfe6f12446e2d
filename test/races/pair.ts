/** Two server processes on one database, as a race needs them: the built server as it is, or over the store that is broken. */
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Admin } from '#test/admin.js';
import { createDatabase, dropDatabase, sql } from '#test/database.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import type { Served } from '#test/server.js';

/** What the servers keep their state in: the store of Gatehouse, or one that checks first and then writes. */
export type Store = 'sound' | 'broken';

export interface Pair {
  readonly store: Store;
  readonly servers: readonly [Served, Served];
  readonly databaseUrl: string;
  close(): Promise<void>;
}

export const PARALLEL = 50;

const BROKEN = join(import.meta.dirname, 'broken');
const UNBUNDLED = join(import.meta.dirname, '../support/unbundled.mjs');
const ADMIN_SECRET = randomBytes(24).toString('base64url');

export async function openPair(store: Store): Promise<Pair> {
  const databaseUrl = await createDatabase();
  if (store === 'broken') await sql(databaseUrl, readFileSync(join(BROKEN, 'schema.sql'), 'utf8'));
  const start = { ...settings(databaseUrl, store), GATEHOUSE_ADMIN_SECRET: ADMIN_SECRET };
  const processes = await Promise.all([spawnOn(start, store), spawnOn(start, store)]);
  const served = ({ url }: ServerProcess): Served => ({ url, databaseUrl, admin: new Admin(url, ADMIN_SECRET) });
  const close = async (): Promise<void> => {
    await Promise.all(processes.map((process) => process.stop()));
    await dropDatabase(databaseUrl);
  };
  return { store, servers: [served(processes[0]), served(processes[1])], databaseUrl, close };
}

/** The environment of servers that are one deployment: the same for all of them. */
export function settings(databaseUrl: string, store: Store): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    GATEHOUSE_ISSUER: 'http://localhost:9000',
    GATEHOUSE_SECRET: randomBytes(32).toString('base64'),
    ...(store === 'broken' && { NODE_OPTIONS: `--import=${pathToFileURL(join(BROKEN, 'statements.mjs')).href}` }),
  };
}

/** Below the ports that systems give to connections: one of those, once chosen, may be gone before a slow start listens on it. */
export function spawnOn(env: Readonly<Record<string, string>>, store: Store): Promise<ServerProcess> {
  const start = { ...env, PORT: String(randomInt(20_000, 32_000)) };
  // What breaks the store takes hold of the driver, which is out of its reach in the bundle.
  return store === 'broken' ? spawnServer(start, UNBUNDLED) : spawnServer(start);
}

/** Does it `times` at the same time, by turns at one server and the other. */
export function parallel<T>({ servers }: Pair, times: number, act: (server: Served, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => act(servers[index % 2 === 0 ? 0 : 1], index)));
}
