/** Stores valid codes and tokens by SQL, because issuing them is not measured, and returns the secrets for their use. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { BenchConnection } from '../cluster.js';
import { CLIENT, type Subject } from '../subject.js';

const HOUR_MS = 60 * 60 * 1000;
const CHUNK_SIZE = 5000;
/** RFC 7636, Appendix B. */
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const ACR = 'urn:gatehouse:authentication:html-form:username-password';

/** A request takes the last secret and removes it. */
export interface ValidSecrets {
  readonly codes: string[];
  readonly refreshTokens: string[];
  readonly accessTokens: string[];
}

const USER = '(SELECT sub FROM accounts LIMIT 1)';
const CODES = `
  INSERT INTO authorization_codes (expires_at, hash, issued_at, grant_id, client_id, sub, scope, redirect_uri, code_challenge,
    code_challenge_method, sid, acr, amr, auth_time)
  SELECT expires_at, hash, now(), id, '${CLIENT.client_id}', ${USER}, 'openid profile', '${CLIENT.redirect_uri}', '${CHALLENGE}', 'S256',
    id, '${ACR}', '{pwd}', now()
  FROM unnest($1::timestamptz[], $2::bytea[], $3::uuid[]) AS made (expires_at, hash, id)`;
const GRANTS = `
  INSERT INTO grants (id, expires_at, client_id, sub, scope, sid, acr, amr, auth_time, created_at)
  SELECT id, now() + interval '30 days', '${CLIENT.client_id}', ${USER}, 'openid profile', id, '${ACR}', '{pwd}', now(), now()
  FROM unnest($1::uuid[]) AS made (id)`;
const ACCESS_TOKENS = `
  INSERT INTO access_tokens (expires_at, hash, grant_id, client_id, scope, audience, issued_at)
  SELECT expires_at, hash, id, '${CLIENT.client_id}', 'openid profile', ARRAY[$4], now()
  FROM unnest($1::timestamptz[], $2::bytea[], $3::uuid[]) AS made (expires_at, hash, id)`;
const REFRESH_TOKENS = `
  INSERT INTO refresh_tokens (expires_at, hash, grant_id)
  SELECT expires_at, hash, id FROM unnest($1::timestamptz[], $2::bytea[], $3::uuid[]) AS made (expires_at, hash, id)`;

/** Stores `rows` rows: a quarter each of codes, grants, access tokens and refresh tokens. */
export async function storeValidRows({ database, origin }: Subject, rows: number): Promise<ValidSecrets> {
  const valid: ValidSecrets = { codes: [], refreshTokens: [], accessTokens: [] };
  for (let left = rows / 4; left > 0; left -= CHUNK_SIZE) {
    const count = Math.min(left, CHUNK_SIZE);
    const ids = Array.from({ length: count }, () => randomUUID());
    await database.query(GRANTS, [ids]);
    valid.accessTokens.push(...await store(database, ACCESS_TOKENS, ids, [origin]));
    valid.refreshTokens.push(...await store(database, REFRESH_TOKENS, ids));
    valid.codes.push(...await store(database, CODES, ids.map(() => randomUUID())));
  }
  return valid;
}

async function store(database: BenchConnection, text: string, ids: readonly string[], more: readonly string[] = []): Promise<string[]> {
  const created = ids.map((_, index) => expiringSecret(Date.now() + HOUR_MS + index));
  const hashes = created.map(({ secret }) => createHash('sha256').update(secret).digest());
  await database.query(text, [created.map(({ expiresAt }) => expiresAt), hashes, ids, ...more]);
  return created.map(({ secret }) => secret);
}

/** A secret in the format of the server: six bytes of expiry in milliseconds, then 32 random bytes. */
function expiringSecret(expiry: number): { readonly secret: string; readonly expiresAt: Date } {
  const bytes = Buffer.concat([Buffer.alloc(6), randomBytes(32)]);
  bytes.writeUIntBE(expiry, 0, 6);
  return { secret: bytes.toString('base64url'), expiresAt: new Date(expiry) };
}
