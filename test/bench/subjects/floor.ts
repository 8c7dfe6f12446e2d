/** The floor (test/bench/floor/server.mjs). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchConnection } from '../cluster.js';
import { CLIENT, type Kind } from '../subject.js';
import { passwordHash, PROFILE, USERS } from './users.js';

const GRANT = '(lpad(to_hex(1700000000000 + i), 12, \'0\') || \'7abc8\' || substr(md5(i::text), 1, 15))::uuid';
const HASH = (kind: string): string => `sha256(convert_to('${kind}' || i, 'UTF8'))`;
const EACH = 'FROM generate_series(1, :rows) AS i';
const SUB = '\'sub-\' || i % 10000';

const FILL = [
  `INSERT INTO codes (expires_at, hash, grant_id, client_id, sub, scope, redirect_uri, challenge, sid, auth_time, redeemed_at)
   SELECT now() - i * interval '22 hours' / :rows, ${HASH('code')}, ${GRANT}, 'bench', ${SUB}, 'openid profile',
     'https://client.example/callback', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', ${GRANT}, now(), now() ${EACH}`,
  `INSERT INTO grants (id, expires_at, client_id, sub, scope, sid, auth_time)
   SELECT ${GRANT}, now() + i * interval '29 days' / :rows, 'bench', ${SUB}, 'openid profile', ${GRANT}, now() ${EACH}`,
  `INSERT INTO access_tokens (expires_at, hash, grant_id, client_id, scope)
   SELECT now() + interval '1 hour' + i * interval '1 hour' / :rows, ${HASH('access')}, ${GRANT}, 'bench', 'openid profile' ${EACH}`,
  `INSERT INTO refresh_tokens (expires_at, hash, grant_id, rotated_at)
   SELECT CASE WHEN i % 2 = 0 THEN now() + i * interval '1 hour' / :rows ELSE now() - i * interval '22 hours' / :rows END,
     ${HASH('refresh')}, ${GRANT}, CASE WHEN i % 2 = 1 THEN now() END ${EACH}`,
];

export const floor: Kind = {
  name: 'floor',
  main: 'test/bench/floor/server.mjs',
  paths: { authorize: '/authorize', token: '/token', userinfo: '/userinfo', discovery: '/.well-known/openid-configuration' },
  env: (databaseUrl, issuer) => ({ DATABASE_URL: databaseUrl, ISSUER: issuer }),
  // The floor reads its clients once, so they must be stored before it starts.
  async install(database) {
    await database.query(readFileSync(join(import.meta.dirname, '../floor/schema.sql'), 'utf8'));
    const { client_id, client_secret, redirect_uri, scope } = CLIENT;
    const secretHash = createHash('sha256').update(client_secret).digest();
    await database.query('INSERT INTO clients VALUES ($1, $2, $3, $4, $5)', [client_id, secretHash, 'Benchmark', redirect_uri, scope]);
    await addUsers(database);
  },
  populate: () => Promise.resolve(),
  fill: FILL,
  untilIdle: () => Promise.resolve(),
};

/** The floor and oidc-provider have the same table of users. */
export async function addUsers(database: BenchConnection): Promise<void> {
  await database.query(`
    INSERT INTO users (sub, username, password_hash, profile, locked)
    SELECT gen_random_uuid(), 'user-' || i, $1, ${PROFILE}, false FROM generate_series(1, ${String(USERS)}) AS i`, [await passwordHash()]);
}
