import fc from 'fast-check';
import { isRepetition } from './rotation.js';

const ROTATED = new Date('2026-01-02T03:04:05Z');
const use = { rotatedAt: ROTATED, rotatedScope: '', requestedScope: '', grace: 10 };
const after = (milliseconds: number) => new Date(ROTATED.getTime() + milliseconds);

describe('F5: a second use of a rotated token', () => {
  const times = [[0, true], [9999, true], [10_000, false], [60_000, false]] as const;
  it.each(times)('%p ms after the first, with a grace period of 10 s, is a repetition: %p', (milliseconds, repeated) => {
    expect(isRepetition({ ...use, now: after(milliseconds) })).toBe(repeated);
  });

  const scopes = [['', 'openid'], ['openid', ''], ['openid email', 'email openid']] as const;
  it.each(scopes)('with scope %j, then %j, is not a repetition', (rotatedScope, requestedScope) => {
    expect(isRepetition({ ...use, rotatedScope, requestedScope, now: after(1) })).toBe(false);
  });

  it('that began before the first was stored is a repetition', () => {
    expect(isRepetition({ ...use, now: after(-3) })).toBe(true);
  });

  it('with a grace period of 0 is never a repetition, whichever of two concurrent ones began first', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60_000, max: 60_000 }), (milliseconds) => {
        expect(isRepetition({ ...use, grace: 0, now: after(milliseconds) })).toBe(false);
      }),
    );
  });
});
