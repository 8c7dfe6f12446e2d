import fc from 'fast-check';
import { expandKey, Keyring, open, seal } from './keyring.js';
import { Secret } from './secrets.js';

const OLD = new Secret('the old secret, of 32 characters');
const NEW = new Secret('the new secret, of 32 characters');
const plaintext = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));

describe('a Keyring', () => {
  it('opens what it has sealed, but only for the same purpose', () => {
    const keyring = new Keyring([OLD]);
    fc.assert(
      fc.property(plaintext, fc.string(), fc.string(), (bytes, purpose, other) => {
        const sealed = keyring.seal(bytes, purpose);
        expect(keyring.open(sealed, purpose)).toEqual(bytes);
        if (other !== purpose) expect(keyring.open(sealed, other)).toBeUndefined();
      }),
    );
  });

  it('seals the same bytes differently each time, and the result does not contain them', () => {
    const keyring = new Keyring([OLD]);
    const bytes = Buffer.from('a private key');
    expect(keyring.seal(bytes, 'p')).not.toEqual(keyring.seal(bytes, 'p'));
    expect(keyring.seal(bytes, 'p').includes(bytes)).toBe(false);
  });

  it('does not open anything with a changed bit or a different length', () => {
    const keyring = new Keyring([OLD]);
    fc.assert(
      fc.property(plaintext, fc.nat(), fc.nat(7), (bytes, at, bit) => {
        const sealed = keyring.seal(bytes, 'p');
        const changed = Buffer.from(sealed);
        const index = at % changed.length;
        changed.writeUInt8(changed.readUInt8(index) ^ (1 << bit), index);
        expect(keyring.open(changed, 'p')).toBeUndefined();
        expect(keyring.open(sealed.subarray(0, at % sealed.length), 'p')).toBeUndefined();
        expect(keyring.open(Buffer.concat([sealed, Buffer.of(0)]), 'p')).toBeUndefined();
      }),
    );
  });

  describe('while its secret is rotated', () => {
    const sealedByOld = new Keyring([OLD]).seal(Buffer.from('key'), 'p');
    const rotating = new Keyring([NEW, OLD]);

    it('opens with every secret and seals with the first', () => {
      expect(rotating.open(sealedByOld, 'p')?.toString()).toBe('key');
      const sealed = rotating.seal(Buffer.from('key'), 'p');
      expect(new Keyring([NEW]).open(sealed, 'p')?.toString()).toBe('key');
      expect(new Keyring([OLD]).open(sealed, 'p')).toBeUndefined();
      expect(new Keyring([NEW]).open(sealedByOld, 'p')).toBeUndefined();
    });

    it('seals again what an older secret has sealed, and nothing else', () => {
      const resealed = rotating.reseal(sealedByOld, 'p')!;
      expect(new Keyring([NEW]).open(resealed, 'p')?.toString()).toBe('key');
      expect(rotating.reseal(resealed, 'p')).toBeUndefined();
      expect(rotating.reseal(sealedByOld, 'other')).toBeUndefined();
      expect(new Keyring([NEW]).reseal(sealedByOld, 'p')).toBeUndefined();
    });

    it('derives keys from the first secret', () => {
      expect(rotating.key('p')).toEqual(new Keyring([NEW]).key('p'));
      expect(rotating.key('p')).not.toEqual(new Keyring([OLD]).key('p'));
    });
  });

  it('derives keys of 32 bytes, a different one for each purpose and secret', () => {
    const keys = [expandKey(OLD, 'a'), expandKey(OLD, 'b'), expandKey(NEW, 'a')];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(3);
    for (const key of keys) expect(key).toHaveLength(32);
    expect(expandKey(OLD, 'a')).toEqual(keys[0]);
    expect(open(seal(Buffer.from('x'), keys[0]!), keys[1]!)).toBeUndefined();
  });
});
