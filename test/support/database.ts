/** Databases for tests. Each is new, and copied from a template with the schema of the current migrations. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '#database/migrate.js';
import { migrations } from '#server/start/migrations.js';

const TEMPLATE_LOCK = 0x7465_7374;

function adminUrl(): string {
  const url = process.env['TEST_DATABASE_URL'];
  if (url === undefined) throw new Error('TEST_DATABASE_URL is not set: only the jest project "integration" starts a database');
  return url;
}

/** The URL of a database on the server that TEST_DATABASE_URL names. */
function urlOf(database: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

async function asAdmin<T>(work: (client: Client) => Promise<T>, url = adminUrl()): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A new database without a schema. */
export async function createEmptyDatabase(): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin((client) => client.query(`CREATE DATABASE ${name}`));
  return urlOf(name);
}

/** A new database with the schema of the migrations. */
export async function createDatabase(): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(async (client) => {
    const template = await migratedTemplate(client);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return urlOf(name);
}

export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  if (!/^test_[0-9a-f]{16}$/.test(name)) throw new Error(`${name} is not the name of a test database`);
  await asAdmin((client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
}

/** Runs one statement in the database of a server, for state that no endpoint shows. */
export async function sql<Row extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return asAdmin(async (client) => (await client.query<Row>(text, [...values])).rows, url);
}

/** The first worker that needs the template creates it. Its name is a digest of the migrations, so it is never outdated. */
async function migratedTemplate(client: Client): Promise<string> {
  const name = `template_${digestOfMigrations()}`;
  await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) {
      const draft = `draft_${randomBytes(8).toString('hex')}`;
      await client.query(`CREATE DATABASE ${draft}`);
      await migrate(urlOf(draft), migrations);
      await client.query(`ALTER DATABASE ${draft} RENAME TO ${name}`);
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  }
  return name;
}

function digestOfMigrations(): string {
  const folder = join(import.meta.dirname, '../../migrations');
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) hash.update(readFileSync(join(folder, file)));
  hash.update(readFileSync(join(import.meta.dirname, '../../apps/server/src/start/migrations.ts')));
  return hash.digest('hex').slice(0, 16);
}
