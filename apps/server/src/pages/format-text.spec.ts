import fc from 'fast-check';
import { fill, moment, say, shown } from './format-text.js';

describe('a value in a text', () => {
  it('is escaped and in an element of its own', () => {
    expect(say('Allow {client} & go?', { client: '<script>"\'&' })).toBe(
      'Allow <bdi>&lt;script&gt;&quot;&#39;&amp;</bdi> &amp; go?',
    );
  });

  it('is not formatted again: its braces and dollars are unchanged', () => {
    expect(say('{client}', { client: '{host} $& $1' })).toBe('<bdi>{host} $&amp; $1</bdi>');
    expect(fill('{client}', { client: '{host}' })).toBe('{host}');
  });

  it('has no characters that change the direction of later text', () => {
    expect(fill('Allow {client}?', { client: '\u202eknab\u202c\u2066x\u2069\u200f\n\u0007' })).toBe('Allow knabx?');
    expect(shown('مصرف')).toBe('مصرف');
    expect(shown('👩‍🚀 Ünï')).toBe('👩‍🚀 Ünï');
  });

  it('never becomes markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (client) => {
        expect(say('{client}', { client }).replace(/^<bdi>|<\/bdi>$/g, '')).not.toMatch(/[<>"']/);
      }),
    );
  });
});

describe('a moment', () => {
  it.each([
    ['en', /Nov 22, 2026, 3:04\sPM UTC/],
    ['de', /22\.11\.2026, 15:04 UTC/],
    ['fr', /22 nov\. 2026[ ,à]+15:04 UTC/],
  ])('is formatted in UTC for %s', (language, expected) => {
    expect(moment(new Date('2026-11-22T15:04:05Z'), language)).toMatch(expected);
  });
});
