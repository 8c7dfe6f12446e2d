import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

/**
 * A value that must not be seen. Whatever prints it (string conversion, JSON, console, a log serializer) gets `[secret]`;
 * only `reveal` hands the value out, so every place that does can be found by name.
 */
export class Secret {
  readonly #value: string;
  /** Kept: a secret is looked for in several tables. */
  #hash: Buffer | undefined;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** SHA-256 of the value: what is stored of secrets that the server itself made with 256 random bits. */
  hash(): Buffer {
    return (this.#hash ??= sha256(this.#value));
  }

  /** Compares in constant time, whatever the lengths. */
  equals(other: Secret): boolean {
    return timingSafeEqual(this.hash(), other.hash());
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}

export function sha256(value: string | Buffer): Buffer {
  return hash('sha256', value, 'buffer');
}

const pool = Buffer.alloc(4096);
let given = pool.length;

/** Random bytes. The generator is asked once for many of them; what was given out is erased here. */
export function randomBytes(length: number): Buffer {
  if (given + length > pool.length) {
    randomFillSync(pool);
    given = 0;
  }
  const bytes = Buffer.from(pool.subarray(given, given + length));
  pool.fill(0, given, given + length);
  given += length;
  return bytes;
}

/** A secret of 256 random bits, 43 characters of base64url. */
export function randomSecret(): Secret {
  return new Secret(randomBytes(32).toString('base64url'));
}

const EXPIRY_BYTES = 6;
const RANDOM_BYTES = 32;
/** The last millisecond of the year 9999: what is later cannot be one of ours, and not every date format can write it. */
const LATEST_EXPIRY = 253_402_300_799_999;

/**
 * A secret of 256 random bits that carries the millisecond of its expiry in front. Its row is found by (expiry, hash): a key that
 * begins with time keeps new rows together in the index and lets expired ones go as one range. The expiry is not trusted
 * by itself; a changed one finds no row.
 */
export class ExpiringSecret {
  private constructor(
    readonly secret: Secret,
    readonly expiresAt: Date,
  ) {}

  /** Expires `lifetime` seconds after `now`. */
  static create(now: Date, lifetime: number): ExpiringSecret {
    const expiresAt = new Date(now.getTime() + lifetime * 1000);
    const bytes = Buffer.allocUnsafe(EXPIRY_BYTES + RANDOM_BYTES);
    bytes.writeUIntBE(expiresAt.getTime(), 0, EXPIRY_BYTES);
    randomBytes(RANDOM_BYTES).copy(bytes, EXPIRY_BYTES);
    return new ExpiringSecret(new Secret(bytes.toString('base64url')), expiresAt);
  }

  /** What the bearer sent, or nothing where it cannot be one of ours. */
  static parse(value: string): ExpiringSecret | undefined {
    if (!/^[A-Za-z0-9_-]{51}$/.test(value)) return undefined;
    const bytes = Buffer.from(value, 'base64url');
    // Unused bits at the end would let two spellings mean one secret.
    if (bytes.toString('base64url') !== value) return undefined;
    const expiresAt = bytes.readUIntBE(0, EXPIRY_BYTES);
    return expiresAt > LATEST_EXPIRY ? undefined : new ExpiringSecret(new Secret(value), new Date(expiresAt));
  }

  hash(): Buffer {
    return this.secret.hash();
  }

  hasExpired(now: Date): boolean {
    return this.expiresAt.getTime() <= now.getTime();
  }
}
