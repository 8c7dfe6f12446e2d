/**
 * One Postgres for all tests: the one that TEST_DATABASE_URL names (a superuser's URL), or else the embedded one in a
 * directory of its own. Each server under test gets a database of its own in it.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async function setUp() {
  if (process.env.TEST_DATABASE_URL) return;
  const { startEmbeddedPostgres } = await import('#embedded-postgres/start-embedded-postgres.js').catch((cause) => {
    throw new Error('The tests start the database of the built server: run "npm run build" first.', { cause });
  });
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  // Passable for the account that root's Postgres runs as, so that the data stay in here and are removed with it.
  chmodSync(dataDirectory, 0o711);
  const postgres = await startEmbeddedPostgres({ dataDirectory });
  globalThis.gatehouseTestDatabase = { postgres, dataDirectory };
  process.env.TEST_DATABASE_URL = postgres.url;
}
