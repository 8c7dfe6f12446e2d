/** This server: its build, with settings for production. */
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { migrate } from '#database/migrate.js';
import { migrations } from '#server/start/migrations.js';
import { Admin } from '#test/admin.js';
import { CLIENT, type Kind } from '../subject.js';
import { passwordHash, PROFILE, USERS } from './users.js';

const ADMIN_SECRET = 'Kq3vX7mZpW9tRb2NcY8sLd5HfJ6gQa4E';

const WAITING = 'SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM event_deliveries) AS waiting';

/** A UUIDv7: its first 48 bits are the time. */
const GRANT = '(lpad(to_hex(1700000000000 + i), 12, \'0\') || \'7abc8\' || substr(md5(i::text), 1, 15))::uuid';
const HASH = (kind: string): string => `sha256(convert_to('${kind}' || i, 'UTF8'))`;
const EACH = 'FROM generate_series(1, :rows) AS i';
const SUB = '\'sub-\' || i % 10000';

/** Redeemed codes of the last day, grants of the last month, and valid tokens; half of the refresh tokens are rotated. */
const FILL = [
  `INSERT INTO authorization_codes (expires_at, hash, issued_at, grant_id, client_id, sub, scope, redirect_uri, code_challenge,
     code_challenge_method, sid, acr, amr, auth_time, redeemed_at)
   SELECT now() - i * interval '22 hours' / :rows, ${HASH('code')}, now() - interval '1 day', ${GRANT}, 'bench', ${SUB},
     'openid profile', 'https://client.example/callback', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'S256', ${GRANT},
     'urn:gatehouse:authentication:html-form:username-password', '{pwd}', now(), now() ${EACH}`,
  `INSERT INTO grants (id, expires_at, client_id, sub, scope, sid, acr, amr, auth_time, created_at)
   SELECT ${GRANT}, now() + i * interval '29 days' / :rows, 'bench', ${SUB}, 'openid profile', ${GRANT},
     'urn:gatehouse:authentication:html-form:username-password', '{pwd}', now(), now() ${EACH}`,
  `INSERT INTO access_tokens (expires_at, hash, grant_id, client_id, scope, audience, issued_at)
   SELECT now() + interval '1 hour' + i * interval '1 hour' / :rows, ${HASH('access')}, ${GRANT}, 'bench', 'openid profile',
     '{http://127.0.0.1:9000}', now() ${EACH}`,
  `INSERT INTO refresh_tokens (expires_at, hash, grant_id, rotated_at, rotated_scope, sealed_successor)
   SELECT CASE WHEN i % 2 = 0 THEN now() + i * interval '1 hour' / :rows ELSE now() - i * interval '22 hours' / :rows END,
     ${HASH('refresh')}, ${GRANT}, CASE WHEN i % 2 = 1 THEN now() END, CASE WHEN i % 2 = 1 THEN '' END,
     CASE WHEN i % 2 = 1 THEN ${HASH('a')} || ${HASH('b')} || ${HASH('c')} END ${EACH}`,
];

export const gatehouse: Kind = {
  name: 'gatehouse',
  main: 'dist/apps/server/src/main.js',
  paths: {
    authorize: '/oauth/v2/oauth-authorize',
    token: '/oauth/v2/oauth-token',
    userinfo: '/oauth/v2/oauth-userinfo',
    discovery: '/.well-known/openid-configuration',
  },
  env: (databaseUrl, issuer) => ({
    DATABASE_URL: databaseUrl,
    GATEHOUSE_ISSUER: issuer,
    GATEHOUSE_SECRET: 'vT8yLm2QxR5wZk9PbN3cHs7JdF4gUa6E',
    GATEHOUSE_ADMIN_SECRET: ADMIN_SECRET,
    LOG_LEVEL: 'warn',
  }),
  install: async (_, databaseUrl) => {
    await migrate(databaseUrl, migrations);
  },
  async populate(origin, database) {
    const { client_id, redirect_uri, scope } = CLIENT;
    const { status, body } = await new Admin(origin, ADMIN_SECRET).post('/clients', {
      ...{ client_id, scope },
      client_name: 'Benchmark',
      redirect_uris: [redirect_uri],
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      id_token_signed_response_alg: 'ES256',
      require_consent: true,
    });
    if (status !== 201) throw new Error(`could not register the client: ${JSON.stringify(body)}`);
    const secretHash = createHash('sha256').update(CLIENT.client_secret).digest();
    await database.query('UPDATE client_secrets SET hash = $1 WHERE client_id = $2', [secretHash, client_id]);
    await database.query(`
      INSERT INTO accounts (sub, username, username_key, password_hash, profile, locked, removed, version, created_at, updated_at)
      SELECT gen_random_uuid(), 'user-' || i, 'user-' || i, $1, ${PROFILE}, false, false, 1, now(), now()
      FROM generate_series(1, ${String(USERS)}) AS i`, [await passwordHash()]);
  },
  fill: FILL,
  // The statements of the relay.
  background: /^event_/,
  async untilIdle(database) {
    const deadline = Date.now() + 5000;
    while (Date.now() < deadline) {
      const [row] = await database.query<{ waiting: boolean }>(WAITING);
      if (row?.waiting === false) return;
      await pause(5);
    }
    throw new Error('events are still undelivered after 5 s');
  },
};
