/** npm `oidc-provider` with a Postgres adapter (test/bench/oidc-provider/). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT, type Kind } from '../subject.js';
import { addUsers } from './floor.js';

const { client_id, client_secret, redirect_uri, scope } = CLIENT;

const ID = (kind: string): string => `translate(substr(encode(sha256(convert_to('${kind}' || i, 'UTF8')), 'base64'), 1, 43), '+/', '-_')`;
const EACH = 'FROM generate_series(1, :rows) AS i';

/** The fields that oidc-provider stores in the payload of each kind. */
const payload = (kind: string, rest = ''): string => `jsonb_build_object('iat', 1700000000, 'exp', 1900000000, 'accountId', 'sub-' || i,
  'clientId', 'bench', 'grantId', ${ID('Grant')}, 'gty', 'authorization_code', 'scope', 'openid profile', 'sessionUid', ${ID('Session')},
  'kind', '${kind}', 'jti', ${ID(kind)} ${rest})`;
const LOGIN = ', \'authTime\', 1700000000, \'claims\', jsonb_build_object(\'rejected\', jsonb_build_array())';

const FILL = [
  `INSERT INTO authorization_code (id, payload, expires_at, consumed_at, grant_id)
   SELECT ${ID('AuthorizationCode')}, ${payload('AuthorizationCode', `${LOGIN}, 'redirectUri', 'https://client.example/callback',
     'codeChallenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'codeChallengeMethod', 'S256'`)},
     now() + i * interval '1 minute' / :rows, now(), ${ID('Grant')} ${EACH}`,
  `INSERT INTO "grant" (id, payload, expires_at)
   SELECT ${ID('Grant')}, jsonb_build_object('iat', 1700000000, 'exp', 1900000000, 'accountId', 'sub-' || i, 'clientId', 'bench',
     'kind', 'Grant', 'jti', ${ID('Grant')}, 'openid', jsonb_build_object('scope', 'openid profile')),
     now() + i * interval '29 days' / :rows ${EACH}`,
  `INSERT INTO access_token (id, payload, expires_at, grant_id)
   SELECT ${ID('AccessToken')}, ${payload('AccessToken')}, now() + i * interval '1 hour' / :rows, ${ID('Grant')} ${EACH}`,
  `INSERT INTO refresh_token (id, payload, expires_at, consumed_at, grant_id)
   SELECT ${ID('RefreshToken')}, ${payload('RefreshToken', `${LOGIN}, 'rotations', 1`)}, now() + i * interval '1 hour' / :rows,
     CASE WHEN i % 2 = 1 THEN now() END, ${ID('Grant')} ${EACH}`,
];

export const oidcProvider: Kind = {
  name: 'oidc-provider',
  main: 'test/bench/oidc-provider/server.mjs',
  paths: { authorize: '/auth', token: '/token', userinfo: '/me', discovery: '/.well-known/openid-configuration' },
  env: (databaseUrl, issuer) => ({
    DATABASE_URL: databaseUrl,
    ISSUER: issuer,
    COOKIE_KEY: 'a-key-of-the-benchmark-0123456789',
    CLIENT: JSON.stringify({ client_id, client_secret, redirect_uris: [redirect_uri], scope, client_name: 'Benchmark' }),
  }),
  async install(database) {
    await database.query(readFileSync(join(import.meta.dirname, '../oidc-provider/schema.sql'), 'utf8'));
    await addUsers(database);
  },
  populate: () => Promise.resolve(),
  fill: FILL,
  untilIdle: () => Promise.resolve(),
};
