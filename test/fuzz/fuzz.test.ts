import { createDatabase, dropDatabase } from '#test/database.js';
import { printed } from './print.js';
import { fuzz } from './run.js';

/** What is found here is found again with the same seed; other seeds, and many more requests, by `npm run fuzz`. */
const SEED = 1;
const REQUESTS = 30_000;
/** On a machine that is busy with other things the run ends here. */
const SECONDS = 45;
const FEWEST = 1000;

describe('fuzz', () => {
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await createDatabase();
  });
  afterAll(() => dropDatabase(databaseUrl));

  it('no request, however broken, makes the server fail, hang, tell a secret or grow', async () => {
    const report = await fuzz({ databaseUrl, seed: SEED, requests: REQUESTS, seconds: SECONDS });
    expect(report.findings.length === 0 ? '' : printed(report)).toBe('');
    expect(report.requests).toBeGreaterThan(FEWEST);
    const counted = [...report.counts.values()].flatMap((by) => Object.values(by)).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(report.requests);
  }, 180_000);
});
