/**
 * `npm run fuzz -- --requests 1000000 --seed 7`: sends so many requests, good and broken ones, to a server of its own. With
 * `--only 4711` it sends the request of that number alone. The database is the one that TEST_DATABASE_URL names, else the
 * embedded one.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createDatabase, dropDatabase } from '#test/database.js';
import { printed } from './print.js';
import { fuzz } from './run.js';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const [requests, seed, only] = [whole(values.requests), whole(values.seed ?? String(randomInt(2 ** 31))), whole(values.only)];
if (requests === undefined || seed === undefined) throw new Error('--requests and --seed take a whole number');

await inSupport('global-setup');
try {
  const databaseUrl = await createDatabase();
  const onProgress = (done: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${String(done)} of ${String(requests)}`);
  };
  const report = await fuzz({ databaseUrl, seed, requests, only, onProgress });
  await dropDatabase(databaseUrl);
  process.stdout.write(`${printed(report)}\n`);
  process.exitCode = report.findings.length === 0 ? 0 : 1;
} finally {
  await inSupport('global-teardown');
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Starts and stops the database as jest does. */
async function inSupport(name: string): Promise<void> {
  const file = (await import(`../support/${name}.mjs`)) as { default: () => Promise<void> };
  await file.default();
}
