import fc from 'fast-check';
import { readNewAccount, readPatch } from './account-document.js';

const TIME = new Date('2026-01-02T03:04:05Z');
const john = { sub: 'johndoe', username: 'johndoe', locked: false, profile: {}, created_at: TIME, updated_at: TIME };

function rules(read: object): readonly string[] {
  const { errors } = read as { errors: readonly { pointer: string; rule: string }[] };
  return errors.map(({ pointer, rule }) => `${pointer} ${rule}`);
}

describe('the claims of OIDC Core §5.1', () => {
  it.each([
    ['name', 'Zoë'], ['website', 'https://example.com/~z'], ['email', 'zoe@example.com'], ['email_verified', true],
    ['birthdate', '1970-01-31'],
    ['birthdate', '0000-12-24'], ['birthdate', '1970'], ['zoneinfo', 'America/Argentina/Ushuaia'], ['locale', 'zh-Hant-TW'],
    ['phone_number', '+1 (425) 555-1212'],
    ['phone_number', '+56 (2) 687 2400;ext=12'], ['address', { formatted: 'A street\nA city' }], ['address', {}],
  ])('%s may be %j', (claim, value) => {
    expect(readPatch(john, { [claim]: value })).toMatchObject({ profile: { [claim]: value } });
  });

  it.each([
    ['name', '', '/name line'], ['name', 'a\0', '/name line'], ['name', 'a\nb', '/name line'], ['name', 'x'.repeat(256), '/name line'],
    ['name', 7, '/name line'], ['website', 'javascript:alert(1)', '/website url'], ['website', 'https://a b', '/website url'],
    ['picture', 'http://', '/picture url'],
    ['email', 'zoe', '/email email'], ['email', 'a@b@c', '/email email'],
    ['email_verified', 'true', '/email_verified type'],
    ['birthdate', '1970-13-01', '/birthdate date'], ['zoneinfo', 'Europe Paris', '/zoneinfo zone'], ['locale', 'e', '/locale language'],
    ['phone_number', '0049', '/phone_number phone'], ['address', 'Paris', '/address type'], ['address', ['Paris'], '/address type'],
    ['address', { 'a/b~c': 'x' }, '/address/a~1b~0c unknown-field'], ['address', { locality: 'a\nb' }, '/address/locality line'],
    ['shoe', 43, '/shoe unknown-field'], ['toString', 'x', '/toString unknown-field'], ['__proto__', 'x', '/__proto__ unknown-field'],
    ['shoe', null, '/shoe unknown-field'],
  ])('%s may not be %j', (claim, value, rule) => {
    expect(rules(readPatch(john, Object.fromEntries([[claim, value]])))).toEqual([rule]);
  });
});

describe('readPatch', () => {
  it('merges by RFC 7396: what is not named stays, null removes, objects are merged', () => {
    const before = { ...john, profile: { name: 'John', nickname: 'Jo', address: { locality: 'Paris', country: 'France' } } };
    expect(readPatch(before, { nickname: null, address: { country: null, region: 'IDF' } })).toEqual({
      password: undefined,
      locked: false,
      profile: { name: 'John', address: { locality: 'Paris', region: 'IDF' } },
    });
  });

  it('changes nothing when nothing is sent, or what was there before', () => {
    const unchanged = { password: undefined, locked: false, profile: {} };
    expect(readPatch(john, {})).toEqual(unchanged);
    expect(readPatch(john, { sub: 'johndoe', username: 'johndoe', updated_at: TIME.toISOString() })).toEqual(unchanged);
    expect(rules(readPatch(john, { sub: 'other' }))).toEqual(['/sub read-only']);
  });
});

it('reads any JSON document or names what is wrong with it, and never throws', () => {
  const known = fc.constantFrom('username', 'password', 'address', 'locked', 'sub', 'email');
  const document = fc.dictionary(fc.oneof(known, fc.string()), fc.jsonValue());
  fc.assert(
    fc.property(document, (sent) => {
      for (const read of [readNewAccount(sent), readPatch(john, sent)]) {
        if ('errors' in read) expect(read.errors.length).toBeGreaterThan(0);
        else expect(read.profile).toEqual(expect.any(Object));
      }
    }),
  );
});

it('keeps a password out of whatever prints the account', () => {
  const read = readNewAccount({ username: 'johndoe', password: 'correct horse' });
  expect(JSON.stringify(read)).not.toContain('correct horse');
});
