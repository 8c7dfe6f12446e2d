/**
 * `npm run fuzz -- --requests 1000000 --seed 7`: sends so many valid and broken requests to a server of its own. With `--only 4711` it
 * sends only the request with that number. TEST_DATABASE_URL may name the database server; otherwise an embedded Postgres is started.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createDatabase, dropDatabase } from '#test/database.js';
import { formatReport } from './format-report.js';
import { fuzz } from './run.js';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const [requests, seed, only] = [toInteger(values.requests), toInteger(values.seed ?? String(randomInt(2 ** 31))), toInteger(values.only)];
if (requests === undefined || seed === undefined) throw new Error('--requests and --seed must be whole numbers');

await runSupport('global-setup');
try {
  const databaseUrl = await createDatabase();
  const onProgress = (done: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${String(done)} of ${String(requests)}`);
  };
  const report = await fuzz({ databaseUrl, seed, requests, only, onProgress });
  await dropDatabase(databaseUrl);
  process.stdout.write(`${formatReport(report)}\n`);
  process.exitCode = report.findings.length === 0 ? 0 : 1;
} finally {
  await runSupport('global-teardown');
}

function toInteger(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Starts and stops the database as jest does. */
async function runSupport(name: string): Promise<void> {
  const file = (await import(`../support/${name}.mjs`)) as { default: () => Promise<void> };
  await file.default();
}
