/** The short form of the races; `npm run races` is the long form. The servers use the real clock, so lifetimes are as short as 1 s. */
import { openPair, type Pair } from './pair.js';
import { RACES, run, runUntilViolation } from './races.js';

const ROUNDS = 1;

describe('two servers on one database', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await openPair('sound');
  }, 60_000);
  afterAll(() => pair.close());

  it.each(RACES)('$name: no violation', async (race) => {
    expect((await run(race, pair, { rounds: ROUNDS })).violations).toEqual([]);
  }, 60_000);
});

describe('two servers over a store that checks first and then writes', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await openPair('broken');
  }, 60_000);
  afterAll(() => pair.close());

  it.each(RACES)('$name: the check finds the violation', async (race) => {
    expect((await runUntilViolation(race, pair)).violations).toContainEqual(expect.stringMatching(race.brokenViolation));
  }, 60_000);
});
