/** The short form of the races; `npm run races` is the long one. Spawned servers have the real clock: lifetimes are of 1 s. */
import { openPair, type Pair } from './pair.js';
import { RACES, run, runUntilSeen } from './races.js';

const ROUNDS = 1;

describe('over two servers on one database', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await openPair('sound');
  }, 60_000);
  afterAll(() => pair.close());

  it.each(RACES)('$name: every promise is kept', async (race) => {
    expect((await run(race, pair, { rounds: ROUNDS })).violations).toEqual([]);
  }, 60_000);
});

describe('over a store that checks first and then writes', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await openPair('broken');
  }, 60_000);
  afterAll(() => pair.close());

  it.each(RACES)('$name: the check fails', async (race) => {
    expect((await runUntilSeen(race, pair)).violations).toContainEqual(expect.stringMatching(race.seenBroken));
  }, 60_000);
});
