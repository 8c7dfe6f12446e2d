import { ExpiringSecret, type Secret } from '#kernel/secrets.js';

/**
 * SQL for the `sub` of the session with this key, the two values of {@link sessionKey}; NULL where there is none. It reads
 * `session_users`, and does not tell whether the session lives: `GetSession` does, which can be asked at the same time.
 */
export function subOfSession(expiresAt: string, secretHash: string): string {
  return `(SELECT sub FROM session_users WHERE session_users.expires_at = ${expiresAt} AND session_users.secret_hash = ${secretHash})`;
}

/** The key by which a session is stored. */
export function sessionKey(secret: Secret | undefined): readonly [expiresAt: Date | null, secretHash: Buffer | null] {
  const parsed = secret && ExpiringSecret.parse(secret.reveal());
  return parsed === undefined ? [null, null] : [parsed.expiresAt, parsed.hash()];
}
