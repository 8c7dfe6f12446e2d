/** Two processes of the built server on one database, either over the real store or over a store that is broken on purpose. */
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Admin } from '#test/admin.js';
import { createDatabase, dropDatabase, sql } from '#test/database.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import type { Served } from '#test/server.js';

/** `sound` is the store of Gatehouse. `broken` checks a condition first and writes later, without the condition. */
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

/** The environment, which is the same for all servers of a deployment. */
export function settings(databaseUrl: string, store: Store): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    GATEHOUSE_ISSUER: 'http://localhost:9000',
    GATEHOUSE_SECRET: randomBytes(32).toString('base64'),
    ...(store === 'broken' && { NODE_OPTIONS: `--import=${pathToFileURL(join(BROKEN, 'statements.mjs')).href}` }),
  };
}

/** The port is below the ephemeral range, so no outgoing connection can take it before a slow start listens on it. */
export function spawnOn(env: Readonly<Record<string, string>>, store: Store): Promise<ServerProcess> {
  const start = { ...env, PORT: String(randomInt(20_000, 32_000)) };
  // The broken store patches the driver `pg`, which is not possible in the bundle.
  return store === 'broken' ? spawnServer(start, UNBUNDLED) : spawnServer(start);
}

/** Runs an action `times` times concurrently, alternately at either server. */
export function parallel<T>({ servers }: Pair, times: number, act: (server: Served, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => act(servers[index % 2 === 0 ? 0 : 1], index)));
}
