import fc from 'fast-check';
import { outagePause, retryPause } from './pause.js';

const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the pause before a delivery is repeated', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [12, 2_048_000],
    [13, 3_600_000],
    [5000, 3_600_000],
  ])('after failure %i is %i ms', (attempts, pause) => {
    expect(retryPause(attempts, 0)).toBe(pause);
  });

  it('grows with each failure up to an hour, whatever the jitter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), jitters, jitters, (attempts, one, other) => {
        const [shorter, longer] = [retryPause(attempts, one), retryPause(attempts + 1, other)];
        expect(longer > shorter || (shorter === 3_600_000 && longer === shorter)).toBe(true);
      }),
    );
  });

  it('has a jitter of up to a fifth', () => {
    expect(retryPause(1, 0.5)).toBe(1100);
    expect(retryPause(4, 0.999)).toBe(9598);
  });
});

describe('the pause of the relay without its database', () => {
  it('grows from 1 s to 15 s', () => {
    expect([1, 2, 3, 4, 5, 99].map((failures) => outagePause(failures, 0))).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
  });
});
