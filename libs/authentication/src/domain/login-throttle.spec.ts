import fc from 'fast-check';
import { ACCOUNT, ADDRESS, addressKey, type Limits, pauseAfter, pauses, SIGN_UP } from './login-throttle.js';

const limits = fc.record({
  free: fc.integer({ min: 1, max: 100 }),
  firstPause: fc.integer({ min: 1, max: 10 }),
  longestPause: fc.integer({ min: 10, max: 3600 }),
  forgetting: fc.integer({ min: 1, max: 3600 }),
});

describe('pauseAfter', () => {
  it('costs nothing at first, then doubles up to the longest pause', () => {
    const some: Limits = { free: 3, firstPause: 1, longestPause: 5, forgetting: 60 };
    expect([1, 2, 3, 4, 5, 6, 7].map((attempts) => pauseAfter(attempts, some))).toEqual([0, 0, 1, 2, 4, 5, 5]);
  });

  it('never falls with another attempt, and stays between nothing and the longest pause', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 2000 }), (some, attempts) => {
        const pause = pauseAfter(attempts, some);
        expect(pause).toBeGreaterThanOrEqual(0);
        expect(pause).toBeLessThanOrEqual(some.longestPause);
        expect(pauseAfter(attempts + 1, some)).toBeGreaterThanOrEqual(pause);
      }),
    );
  });

  it('delays the owner of an account by a minute at most, and allows an address more than an account', () => {
    expect(ACCOUNT.longestPause).toBeLessThanOrEqual(60);
    expect(ADDRESS.free).toBeGreaterThan(ACCOUNT.free);
  });
});

describe('pauses', () => {
  it('is the pause after each number of attempts, and ends with the longest one', () => {
    fc.assert(
      fc.property(limits, (some) => {
        const table = pauses(some);
        expect(table).toEqual(table.map((_, index) => pauseAfter(index + 1, some)));
        expect(table.at(-1)).toBe(some.longestPause);
      }),
    );
  });

  it.each([ACCOUNT, ADDRESS, SIGN_UP])('is a short list for the limits in use', (some) => {
    expect(pauses(some).length).toBeLessThanOrEqual(some.free + 12);
  });
});

describe('addressKey', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ])('of %s is %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
