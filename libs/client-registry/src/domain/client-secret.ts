import type { FieldError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';

const MIN_SECRET_LENGTH = 16;

/** How many secrets one client may have at a time: enough for a rotation in steps. */
export const MAX_SECRETS = 10;

/** A secret that an operator chose is stored as a fast hash like a random one, so it must not be one to guess. */
export function isTooShort(secret: Secret): boolean {
  return secret.reveal().length < MIN_SECRET_LENGTH;
}

export function secretErrors(secret: Secret | undefined, isNeeded: boolean): readonly FieldError[] {
  if (secret === undefined) return [];
  if (!isNeeded) return [{ pointer: '/client_secret', rule: 'public-client', detail: 'must not be given for a public client' }];
  if (!isTooShort(secret)) return [];
  const detail = `must have at least ${String(MIN_SECRET_LENGTH)} characters`;
  return [{ pointer: '/client_secret', rule: 'min-length', detail }];
}

export function isValid(secret: { readonly expires_at: Date | null }, now: Date): boolean {
  return secret.expires_at === null || secret.expires_at > now;
}
