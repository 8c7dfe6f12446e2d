import fc from 'fast-check';
import { repeatedMember } from './json-members.js';

describe('a repeated member of an object in a JSON text', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"b":[{"a":1,"c":{},"a":2}]}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['{"":1,"":2}', ''],
    ['{"__proto__":1,"__proto__":2}', '__proto__'],
    ['{"a\\"":1, "a\\"" : 2}', 'a"'],
    ['{"a":{"b":1},"c":[1,2],"a":3}', 'a'],
  ])('is found in %s', (text, name) => {
    expect(repeatedMember(text)).toBe(name);
  });

  it.each(['{"a":{"a":1},"b":{"a":2}}', '[{"a":1},{"a":2}]', '{"a":"\\"a\\":1,\\"a\\":2"}', '"a:a"', 'null', '{"a":"{","b":"a"}'])(
    'is not found in %s',
    (text) => {
      expect(repeatedMember(text)).toBeUndefined();
    },
  );

  it('is not found in the output of JSON.stringify', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(repeatedMember(JSON.stringify(value))).toBeUndefined();
      expect(repeatedMember(JSON.stringify(value, undefined, 2))).toBeUndefined();
    }));
  });

  it('is searched for in linear time', () => {
    const start = performance.now();
    expect(repeatedMember(`"${'\\\\'.repeat(500_000)}"`)).toBeUndefined();
    expect(repeatedMember('['.repeat(500_000))).toBeUndefined();
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
