import fc from 'fast-check';
import { Form, MAX_NAME_LENGTH, MAX_PARAMETERS, MAX_VALUE_LENGTH } from './form.js';

function parsed(source: Buffer | string): Form {
  const form = Form.parse(source);
  if (!(form instanceof Form)) throw new Error(`refused: ${form}`);
  return form;
}

const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength }).map((value) => value.replaceAll('\0', ''));
const parameters = fc.array(fc.tuple(text(20), text(60)), { maxLength: MAX_PARAMETERS });
const hostileName = fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a', 'b', '');
const loose = fc
  .array(fc.oneof(fc.constantFrom('&', '=', '+', '%', '%0', '%00', '%C3', '%A9', '%ff', '\ud800', 'é', '#', ';'), fc.string()))
  .map((pieces) => pieces.join(''));

describe('a form', () => {
  it('decodes plus as space, escapes as UTF-8 and keeps the order', () => {
    expect([...parsed('a=1+2&b=%C3%A9%26&c').entries()]).toEqual([['a', '1 2'], ['b', 'é&'], ['c', '']]);
  });

  it('splits a parameter at its first equals sign only', () => {
    expect(parsed('code=YWJj==').get('code')).toBe('YWJj==');
  });

  it('skips empty parameters between ampersands', () => {
    expect([...parsed('&&a=1&&').entries()]).toEqual([['a', '1']]);
    expect([...parsed(Buffer.alloc(0)).entries()]).toEqual([]);
  });

  it('A11: an empty value counts as missing, but has() is true for it', () => {
    const form = parsed('state=&scope');
    expect([form.get('state'), form.get('scope'), form.get('nonce')]).toEqual([undefined, undefined, undefined]);
    expect([form.has('state'), form.has('scope'), form.has('nonce')]).toEqual([true, true, false]);
  });

  it('A11, T22: a repeated parameter, even an empty one, is in duplicates and has no value', () => {
    const form = parsed('a=1&b=2&a=3&c=&c=4&a=5');
    expect(form.duplicates).toEqual(['a', 'c']);
    expect([form.get('a'), form.get('b'), form.get('c')]).toEqual([undefined, '2', undefined]);
    expect(form.has('a')).toBe(true);
    expect(form.values()).toEqual(new Map([['b', '2']]));
  });

  it('keeps a byte order mark, so a name with one is another name', () => {
    expect(parsed(Buffer.from('\ufeffcode=1')).has('code')).toBe(false);
  });

  it('cannot be changed through its results', () => {
    const form = parsed('a=1&a=2&b=3');
    expect(Object.isFrozen(form.duplicates)).toBe(true);
    for (const entry of form.entries()) entry[1] = 'changed';
    expect(form.get('b')).toBe('3');
    expect([...form.entries()]).toContainEqual(['b', '3']);
  });

  it.each([
    ['a=%', 'invalid-percent-encoding'],
    ['a=%4', 'invalid-percent-encoding'],
    ['%zz=1', 'invalid-percent-encoding'],
    ['a=%u0041', 'invalid-percent-encoding'],
    ['a=%ff', 'invalid-utf8'],
    ['a=%C0%80', 'invalid-utf8'],
    ['a=%ED%A0%80', 'invalid-utf8'],
    ['a=\ud800', 'invalid-utf8'],
    [Buffer.from([0x61, 0x3d, 0xff]), 'invalid-utf8'],
    [Buffer.from([0x61, 0x3d, 0xc3, 0x25, 0x41, 0x39]), 'invalid-utf8'],
    ['a=b%00', 'nul'],
    ['a%00=b', 'nul'],
    ['a=b\0', 'nul'],
    [Buffer.from('a\0=b'), 'nul'],
  ])('refuses %j as %s', (source, problem) => {
    expect(Form.parse(source)).toBe(problem);
  });

  it('accepts values at its limits and refuses larger ones', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => `p${String(index)}=`).join('&');
    expect(parsed(many(MAX_PARAMETERS)).has('p99')).toBe(true);
    expect(Form.parse(many(MAX_PARAMETERS + 1))).toBe('too-many-parameters');
    expect(parsed(`${'n'.repeat(MAX_NAME_LENGTH)}=1`).duplicates).toEqual([]);
    expect(Form.parse(`${'n'.repeat(MAX_NAME_LENGTH + 1)}=1`)).toBe('name-too-long');
    expect(parsed(`a=${'%41'.repeat(MAX_VALUE_LENGTH)}`).get('a')).toHaveLength(MAX_VALUE_LENGTH);
    expect(Form.parse(`a=${'v'.repeat(MAX_VALUE_LENGTH + 1)}`)).toBe('value-too-long');
  });

  it.each(['&', '=', '%', '+', 'a=1&', '%41', 'a'])('is parsed in linear time for a megabyte of %j', (piece) => {
    const source = Buffer.from(piece.repeat(1_000_000 / piece.length));
    const start = performance.now();
    expect(Form.parse(source)).toBeDefined();
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('for every input, a form', () => {
  it('decodes what URLSearchParams has encoded, from bytes and from a string', () => {
    fc.assert(
      fc.property(parameters, (sent) => {
        const encoded = new URLSearchParams(sent).toString();
        // A pair of two empty strings is encoded as `=`, which is a parameter without a name.
        expect([...parsed(encoded).entries()]).toEqual(sent);
        expect([...parsed(Buffer.from(encoded)).entries()]).toEqual(sent);
      }),
    );
  });

  it('is refused or has the same values as URLSearchParams', () => {
    fc.assert(
      fc.property(loose, (source) => {
        const form = Form.parse(source);
        if (form instanceof Form) expect([...form.entries()]).toEqual([...new URLSearchParams(`?${source}`)]);
        else expect(typeof form).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, and never contains a NUL or a broken character', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const form = Form.parse(Buffer.from(bytes));
        if (form instanceof Form) expect(JSON.stringify([...form.entries()])).not.toMatch(/\\u0000|\ufffd|\\ud[89a-f]/);
        else expect(typeof form).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });

  it('has exactly the names that were sent, even those of Object.prototype, and exactly the repeated ones as duplicates', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostileName, text(3)), { maxLength: 12 }), (sent) => {
        const form = parsed(new URLSearchParams(sent).toString());
        for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a', 'b', '']) {
          const values = sent.filter(([one]) => one === name).map(([, value]) => value);
          expect(form.has(name)).toBe(values.length > 0);
          expect(form.duplicates.filter((one) => one === name)).toHaveLength(values.length > 1 ? 1 : 0);
          expect(form.get(name)).toBe(values.length === 1 && values[0] !== '' ? values[0] : undefined);
          expect(form.values().get(name)).toBe(form.get(name));
        }
      }),
    );
  });
});
