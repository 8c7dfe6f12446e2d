import fc from 'fast-check';
import { formatScope, isWithinScope, parseScope, scopeTokens } from './scope.js';

/** All characters of a scope-token, from the grammar of RFC 6749 §3.3. */
const TOKEN_CHARACTERS = Array.from({ length: 0x7e - 0x21 + 1 }, (_, index) => String.fromCharCode(0x21 + index)).filter(
  (character) => character !== '"' && character !== '\\',
);
const token = fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength: 12 });
const scope = fc.uniqueArray(token, { maxLength: 8 });

function parsed(value: string): readonly string[] {
  const tokens = parseScope(value);
  if (tokens === 'malformed') throw new Error('malformed');
  return tokens;
}

describe('a scope', () => {
  it('keeps the order of its tokens and has each token once', () => {
    expect(parseScope('openid profile openid email profile')).toEqual(['openid', 'profile', 'email']);
  });

  it('may have every character of the grammar, and is case-sensitive', () => {
    expect(parseScope(TOKEN_CHARACTERS.join(''))).toEqual([TOKEN_CHARACTERS.join('')]);
    expect(parseScope('Read read')).toEqual(['Read', 'read']);
    expect(parseScope('__proto__ constructor')).toEqual(['__proto__', 'constructor']);
  });

  const spaced = ['', ' ', ' openid', 'openid ', 'openid  email', 'openid\temail', 'openid\nemail', 'a\u00a0b'];

  it.each([...spaced, 'a"b', 'a\\b', 'é', 'a\0', 'a\x7f'])('is malformed: %j', (value) => {
    expect(parseScope(value)).toBe('malformed');
  });

  it('can be formatted and parsed again', () => {
    fc.assert(
      fc.property(scope, (tokens) => {
        expect(scopeTokens(formatScope(tokens))).toEqual(tokens);
        if (tokens.length === 0) expect(formatScope(tokens)).toBe('');
        else expect(parseScope(formatScope(tokens))).toEqual(tokens);
      }),
    );
  });

  it('is parsed if and only if the grammar allows it', () => {
    const grammar = /^[\x21\x23-\x5B\x5D-\x7E]+( [\x21\x23-\x5B\x5D-\x7E]+)*$/;
    const likely = fc.constantFrom(' ', '"', '\\', 'a', '\n', '~', '!');
    const value = fc.string({ unit: fc.oneof(likely, fc.string({ unit: 'binary', maxLength: 1 })) });
    fc.assert(
      fc.property(value, (sent) => {
        expect(parseScope(sent) !== 'malformed').toBe(grammar.test(sent));
      }),
      { numRuns: 1000 },
    );
  });

  it('is unchanged when it is parsed and formatted again', () => {
    fc.assert(
      fc.property(fc.array(token, { minLength: 1 }), (tokens) => {
        const once = parsed(tokens.join(' '));
        expect(parsed(formatScope(once))).toEqual(once);
        expect(new Set(once)).toEqual(new Set(tokens));
        expect(once).toHaveLength(new Set(tokens).size);
      }),
    );
  });
});

describe('F2, R9: a request stays within the granted scope', () => {
  it('if it asks for less or the same in another order, and not if it asks for more', () => {
    expect(isWithinScope(['email'], ['openid', 'email'])).toBe(true);
    expect(isWithinScope(['email', 'openid'], ['openid', 'email'])).toBe(true);
    expect(isWithinScope([], [])).toBe(true);
    expect(isWithinScope(['openid', 'admin'], ['openid', 'email'])).toBe(false);
    expect(isWithinScope(['constructor'], [])).toBe(false);
  });

  it('for every subset, and not with any other token', () => {
    fc.assert(
      fc.property(scope, token, fc.infiniteStream(fc.boolean()), (granted, foreign, coins) => {
        const part = granted.filter(() => coins.next().value);
        expect(isWithinScope(part, granted)).toBe(true);
        expect(isWithinScope([...part, foreign], granted)).toBe(granted.includes(foreign));
      }),
    );
  });
});
