import { createHash } from 'node:crypto';
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { format, inspect } from 'node:util';
import fc from 'fast-check';
import { ExpiringSecret, randomSecret, Secret } from './secrets.js';

const VALUE = 'correct horse battery staple';
const NOW = new Date('2026-01-02T03:04:05.678Z');

function printed(...values: unknown[]): string {
  const chunks: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  const console = new Console(sink, sink);
  console.log(...values);
  console.dir(values, { depth: null, showHidden: true });
  console.table(values);
  return chunks.join('');
}

describe('a Secret', () => {
  const secret = new Secret(VALUE);
  const around = { secret, list: [secret], map: new Map([['secret', secret]]), error: Object.assign(new Error('e'), { secret }) };
  const ways: [string, () => string][] = [
    ['String()', () => String(secret)],
    ['a template', () => `${String(secret)} ${secret.toString()}`],
    ['concatenation', () => ['', secret].join('')],
    ['JSON', () => JSON.stringify({ ...around, error: undefined })],
    ['inspect', () => inspect(around, { depth: null, showHidden: true })],
    ['inspect without custom inspection', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['format', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['console', () => printed(secret, around)],
    ['a copy', () => JSON.stringify([Object.keys(secret), Object.assign({}, secret), structuredClone(secret)])],
    ['an expiring one', () => inspect(ExpiringSecret.parse(ExpiringSecret.create(NOW, 60).secret.reveal()))],
  ];

  it.each(ways)('is not shown by %s', (_, print) => {
    expect(print()).not.toContain(VALUE);
    expect(print()).not.toMatch(/horse|[A-Za-z0-9_-]{51}/);
  });

  it('is shown as [secret]', () => {
    expect([String(secret), JSON.stringify(secret), inspect(secret)]).toEqual(['[secret]', '"[secret]"', '[secret]']);
  });

  it('gives its value only by reveal, and its SHA-256 by hash', () => {
    expect(secret.reveal()).toBe(VALUE);
    expect(secret.hash().toString('hex')).toBe(createHash('sha256').update(VALUE).digest('hex'));
  });

  it('equals a secret with the same value, of any length', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(new Secret(one).equals(new Secret(other))).toBe(one === other);
        expect(new Secret(one).equals(new Secret(one))).toBe(true);
      }),
    );
  });

  it('from randomSecret has 256 bits, different ones each time', () => {
    const created = Array.from({ length: 100 }, () => randomSecret().reveal());
    expect(new Set(created).size).toBe(100);
    for (const value of created) expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe('an ExpiringSecret', () => {
  const time = fc.date({ min: new Date(0), max: new Date('2900-01-01'), noInvalidDate: true });
  const lifetime = fc.integer({ min: 0, max: 10 * 365 * 86_400 });
  const created = fc.tuple(time, lifetime).map(([now, seconds]) => ExpiringSecret.create(now, seconds));

  it('can be parsed from its value', () => {
    fc.assert(
      fc.property(created, (secret) => {
        const parsed = ExpiringSecret.parse(secret.secret.reveal());
        expect(parsed?.expiresAt).toEqual(secret.expiresAt);
        expect(parsed?.hash()).toEqual(secret.hash());
      }),
    );
  });

  it('expires exactly its lifetime after now', () => {
    fc.assert(
      fc.property(time, lifetime, (now, seconds) => {
        expect(ExpiringSecret.create(now, seconds).expiresAt.getTime() - now.getTime()).toBe(seconds * 1000);
      }),
    );
    const secret = ExpiringSecret.create(NOW, 60);
    expect(secret.hasExpired(new Date(secret.expiresAt.getTime() - 1))).toBe(false);
    expect(secret.hasExpired(secret.expiresAt)).toBe(true);
  });

  it('has one spelling: any other value has another expiry or other random bits', () => {
    const alphabet = [...Array(64).keys()].map((index) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.charAt(index));
    fc.assert(
      fc.property(created, fc.nat(50), fc.constantFrom(...alphabet), (secret, index, character) => {
        const value = secret.secret.reveal();
        const other = value.slice(0, index) + character + value.slice(index + 1);
        const parsed = ExpiringSecret.parse(other);
        fc.pre(other !== value);
        if (parsed === undefined) return;
        expect(Buffer.from(other, 'base64url').equals(Buffer.from(value, 'base64url'))).toBe(false);
        expect(parsed.hash()).not.toEqual(secret.hash());
      }),
      { numRuns: 2000 },
    );
  });

  it('cannot be parsed from other encodings of its bytes', () => {
    const value = ExpiringSecret.create(NOW, 60).secret.reveal();
    const longer = [`${value}=`, `${value}==`, ` ${value}`, `${value}\n`, `${value}A`];
    const others = [...longer, value.slice(1), '', value.replace(/./, '+'), value.replace(/./, '/')];
    for (const other of others) expect(ExpiringSecret.parse(other)).toBeUndefined();
  });

  it('cannot be parsed with an expiry after the year 9999', () => {
    const late = Buffer.concat([Buffer.alloc(6, 0xff), Buffer.alloc(32, 7)]).toString('base64url');
    expect(ExpiringSecret.parse(late)).toBeUndefined();
    const last = Buffer.from('e677d21fdbff', 'hex');
    const latest = ExpiringSecret.parse(Buffer.concat([last, Buffer.alloc(32)]).toString('base64url'));
    expect(latest?.expiresAt).toEqual(new Date('9999-12-31T23:59:59.999Z'));
  });

  it('can be parsed only from a value that is its own encoding', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String()), (value) => {
        const parsed = ExpiringSecret.parse(value);
        expect(parsed === undefined || parsed.secret.reveal() === value).toBe(true);
      }),
    );
  });

  it('has 256 random bits after its expiry', () => {
    const ends = Array.from({ length: 200 }, () => ExpiringSecret.create(NOW, 60).secret.reveal().slice(-43));
    expect(new Set(ends).size).toBe(200);
  });
});
