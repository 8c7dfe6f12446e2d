/** Statements that store thousands of expired rows, as the server would have stored them. */

/** A UUIDv7: its first 48 bits are the time. */
const ID = "(lpad(to_hex(1600000000000 + i), 12, '0') || '7abc8' || substr(md5(i::text), 1, 15))::uuid";
const HASH = "sha256(convert_to('expired' || i, 'UTF8'))";
const SUB = "'expired-sub-' || i % 10000";
const ACR = "'urn:gatehouse:authentication:html-form:username-password', '{pwd}'";

/** By table: its columns, and their values for row `i`, which expired at `at`. */
const ROWS = {
  authorization_requests: {
    columns: 'expires_at, hash, browser_hash, request',
    values: `at, ${HASH}, ${HASH}, jsonb_build_object('clientId', 'bench', 'scope', '{openid}'::text[], 'state', md5(i::text))`,
  },
  authorization_codes: {
    columns: 'expires_at, hash, issued_at, grant_id, client_id, sub, scope, sid, acr, amr, auth_time, redeemed_at',
    values: `at, ${HASH}, at, ${ID}, 'bench', ${SUB}, 'openid profile', ${ID}, ${ACR}, at, at`,
  },
  grants: {
    columns: 'expires_at, id, client_id, sub, scope, sid, acr, amr, auth_time, created_at',
    values: `at, ${ID}, 'bench', ${SUB}, 'openid profile', ${ID}, ${ACR}, at, at`,
  },
  access_tokens: {
    columns: 'expires_at, hash, grant_id, client_id, scope, audience, issued_at',
    values: `at, ${HASH}, ${ID}, 'bench', 'openid profile', '{http://127.0.0.1:9000}', at`,
  },
  refresh_tokens: {
    columns: 'expires_at, hash, grant_id, rotated_at, rotated_scope, sealed_successor',
    values: `at, ${HASH}, ${ID}, at, '', ${HASH} || ${HASH} || ${HASH}`,
  },
  sessions: {
    columns: 'expires_at, secret_hash, sid, sub, methods, last_used_at',
    values: `at, ${HASH}, ${ID}, ${SUB}, '[]', at`,
  },
  login_failures: {
    columns: 'forgotten_at, key, blocked_until',
    values: `at, ${HASH}, '-infinity'`,
  },
} as const;

export type Expiring = keyof typeof ROWS;
export const EXPIRING = Object.keys(ROWS) as readonly Expiring[];

/** A statement that stores `count` rows of `table`. One expired in each millisecond, the last one `secondsAgo`. */
export function storeExpired(table: Expiring, count: number, secondsAgo: number): string {
  const { columns, values } = ROWS[table];
  const at = `now() - interval '${String(secondsAgo)} s' - i * interval '1 ms'`;
  return `INSERT INTO ${table} (${columns})
    SELECT ${values} FROM (SELECT i, ${at} AS at FROM generate_series(1, ${String(count)}) AS i) AS rows`;
}
