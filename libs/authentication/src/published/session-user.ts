import { ExpiringSecret, type Secret } from '#kernel/secrets.js';

/**
 * SQL for the `sub` of the session with this key, the two values of {@link sessionKey}; NULL if there is none. It reads the view
 * `session_users`, which has expired sessions too: `GetSession` decides whether the session is alive, and can be asked at the same
 * time.
 */
export function subOfSession(expiresAt: string, secretHash: string): string {
  return `(SELECT sub FROM session_users WHERE session_users.expires_at = ${expiresAt} AND session_users.secret_hash = ${secretHash})`;
}

/** The primary key of a session. */
export function sessionKey(secret: Secret | undefined): readonly [expiresAt: Date | null, secretHash: Buffer | null] {
  const parsed = secret && ExpiringSecret.parse(secret.reveal());
  return parsed === undefined ? [null, null] : [parsed.expiresAt, parsed.hash()];
}
