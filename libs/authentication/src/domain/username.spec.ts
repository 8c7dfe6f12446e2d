import fc from 'fast-check';
import { isReserved, isSubject, usernameKey, usernameProblem } from './username.js';

const anyText = fc.string({ unit: 'binary', maxLength: 80 });

describe('usernameKey', () => {
  it.each([
    ['JohnDoe', 'johndoe'],
    ['ｊｏｈｎ', 'john'],
    ['ﬁnn', 'finn'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
    ['Οδυσσεύς', 'οδυσσεύσ'],
  ])('of %s is %s', (username, key) => {
    expect(usernameKey(username)).toBe(key);
  });

  it('of a key is the key itself', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(usernameKey(usernameKey(text))).toBe(usernameKey(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('of every character of the first two planes is a key that stays as it is', () => {
    const unstable: string[] = [];
    for (let code = 0; code <= 0x1_ff_ff; code++) {
      const key = usernameKey(`a${String.fromCodePoint(code)}b`);
      if (usernameKey(key) !== key) unstable.push(code.toString(16));
    }
    expect(unstable).toEqual([]);
  });
});

describe('usernameProblem', () => {
  it.each(['johndoe', 'John Doe', 'zoë', '李小龍', 'john.doe@example.com', 'a', '7', 'x'.repeat(64)])('lets %s pass', (username) => {
    expect(usernameProblem(username)).toBeUndefined();
  });

  it.each([
    ['nothing', ''], ['a space', ' '], ['a space in front', ' john'], ['a space behind', 'john '], ['no-break space behind', 'john\u00a0'],
    ['a NUL', 'jo\0hn'], ['a line', 'jo\nhn'], ['a zero-width space', 'jo\u200bhn'], ['a right-to-left override', 'jo\u202ehn'],
    ['a soft hyphen', 'jo\u00adhn'], ['a Hangul filler', '\u3164'], ['an invisible letter', 'a\u115f'],
    ['half a surrogate pair', 'a\ud800'],
    ['no letter or digit', '...'], ['a Braille blank', '\u2800'], ['65 characters', 'x'.repeat(65)],
    ['a ligature of 18 letters', 'ﷺ'.repeat(10)],
  ])('refuses %s', (_what, username) => {
    expect(usernameProblem(username)).toEqual(expect.any(String));
  });

  it('never lets through what Postgres cannot store or nobody can see', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (usernameProblem(text) === undefined) expect(usernameKey(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|^ | $|^$/u);
      }),
    );
  });
});

it('knows a reserved name in any case and width', () => {
  expect(['Admin', 'ＲＯＯＴ', 'postmaster'].map(isReserved)).toEqual([true, true, true]);
  expect(isReserved('johndoe')).toBe(false);
});

it('takes 1 to 255 visible ASCII characters for a sub (OIDC Core §2)', () => {
  expect(['johndoe', '!', '~'.repeat(255)].every(isSubject)).toBe(true);
  expect(['', 'a b', 'é', 'a\0', 'a\n', 'x'.repeat(256)].some(isSubject)).toBe(false);
});
