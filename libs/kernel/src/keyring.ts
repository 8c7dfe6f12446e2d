import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { randomBytes, type Secret } from './secrets.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals what must be read again but not lie open in the database (AES-256-GCM, a key per purpose by HKDF). The first secret
 * seals; every one opens, so that `GATEHOUSE_SECRET` can be rotated: new secret in front, old one behind it for a while.
 */
export class Keyring {
  /** Derived once: purposes are few, and the work is that of a hundred hashes of a token. */
  readonly #keys = new Map<string, Buffer>();

  constructor(private readonly secrets: readonly [Secret, ...Secret[]]) {}

  seal(plaintext: Buffer, purpose: string): Buffer {
    return seal(plaintext, this.key(purpose));
  }

  /** The plaintext, or undefined where none of the secrets fits (wrong secret, wrong purpose, changed bytes). */
  open(sealed: Buffer, purpose: string): Buffer | undefined {
    for (const secret of this.secrets) {
      const plaintext = open(sealed, deriveKey(secret, purpose));
      if (plaintext !== undefined) return plaintext;
    }
    return undefined;
  }

  /** The same plaintext sealed by the first secret, where another one had sealed it; undefined where there is nothing to do. */
  reseal(sealed: Buffer, purpose: string): Buffer | undefined {
    if (open(sealed, this.key(purpose)) !== undefined) return undefined;
    const plaintext = this.open(sealed, purpose);
    return plaintext && this.seal(plaintext, purpose);
  }

  /** A key of 32 bytes for a keyed hash, from the first secret. */
  key(purpose: string): Buffer {
    const key = this.#keys.get(purpose) ?? deriveKey(this.secrets[0], purpose);
    this.#keys.set(purpose, key);
    return key;
  }
}

/** The key of 32 bytes that a secret of 256 random bits gives for `purpose`: it has nothing left to be extracted (RFC 5869 §3.3). */
export function expandKey(secret: Secret, purpose: string): Buffer {
  return createHmac('sha256', secret.reveal()).update(`gatehouse:${purpose}\x01`).digest();
}

/** The key of 32 bytes that `secret`, whatever its form, gives for `purpose`. */
function deriveKey(secret: Secret, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret.reveal(), '', `gatehouse:${purpose}`, 32));
}

/** nonce ‖ tag ‖ ciphertext. */
export function seal(plaintext: Buffer, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
}

export function open(sealed: Buffer, key: Buffer): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined; // The tag does not fit: another key, or changed bytes.
  }
}
