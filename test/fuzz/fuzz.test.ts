import { createDatabase, dropDatabase } from '#test/database.js';
import { formatReport } from './format-report.js';
import { fuzz } from './run.js';

/** A finding can be repeated with the same seed. `npm run fuzz` runs other seeds and more requests. */
const SEED = 1;
const REQUESTS = 30_000;
/** On a busy machine the run ends after this time, with fewer requests. */
const SECONDS = 45;
const MIN_REQUESTS = 1000;

describe('fuzz', () => {
  let databaseUrl: string;
  beforeAll(async () => {
    databaseUrl = await createDatabase();
  });
  afterAll(() => dropDatabase(databaseUrl));

  it('no request, valid or broken, makes the server fail, hang, log a secret or use more and more memory', async () => {
    const report = await fuzz({ databaseUrl, seed: SEED, requests: REQUESTS, seconds: SECONDS });
    expect(report.findings.length === 0 ? '' : formatReport(report)).toBe('');
    expect(report.requests).toBeGreaterThan(MIN_REQUESTS);
    const counted = [...report.counts.values()].flatMap((by) => Object.values(by)).reduce((sum, count) => sum + count, 0);
    expect(counted).toBe(report.requests);
  }, 180_000);
});
