/**
 * One Postgres for all tests: the one that TEST_DATABASE_URL names (with the credentials of a superuser), or an embedded one in a
 * temporary directory. Each server under test gets its own database.
 */
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default async function setUp() {
  if (process.env.TEST_DATABASE_URL) return;
  const { startEmbeddedPostgres } = await import('#embedded-postgres/start-embedded-postgres.js').catch((cause) => {
    throw new Error('The integration tests use the built server. Run "npm run build" first.', { cause });
  });
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  // Under root, Postgres runs as another account. With this mode that account can use the directory, so all data stay in it.
  chmodSync(dataDirectory, 0o711);
  const postgres = await startEmbeddedPostgres({ dataDirectory });
  globalThis.gatehouseTestDatabase = { postgres, dataDirectory };
  process.env.TEST_DATABASE_URL = postgres.url;
}
