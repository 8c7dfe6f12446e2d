import { timingSafeEqual } from 'node:crypto';
import { sha256, type Secret } from '#kernel/secrets.js';
import type { Proof } from './client-authentication.js';

interface StoredSecret {
  readonly id: string;
  readonly hash: Buffer;
  readonly expires_at: Date | null;
}

const NO_SECRET: StoredSecret = { id: '', hash: sha256('no client has a secret with this hash'), expires_at: new Date(0) };

/** Whether the secret is one of those stored. Does the same work for an unknown client, or one without secrets, as for one secret. */
export function proveSecret(secret: Secret, stored: readonly StoredSecret[] = [], now: Date): Proof {
  const hash = secret.hash();
  const candidates = stored.length === 0 ? [NO_SECRET] : stored;
  const match = candidates.filter((candidate) => timingSafeEqual(candidate.hash, hash)).find((each) => each !== NO_SECRET);
  if (match === undefined) return { proven: false, reason: 'wrong-secret' };
  if (match.expires_at !== null && match.expires_at <= now) return { proven: false, reason: 'expired-secret' };
  return { proven: true, secretId: match.id };
}
