/** The token endpoint with each grant type (RFC 6749 §3.2, §4.1.3, §4.4.2, §6), and userinfo (OIDC Core §5.3). */
import type { Answer } from '../read-answers.js';
import { type Draft, get, post } from '../draft.js';
import { type FuzzClient, jsonOf, type Pool } from '../pool.js';
import { aClient, bearer, credentials, maybe, MISSING_SECRET, type Production, text } from '../production.js';
import type { Random } from '../random.js';

const TOKEN = '/oauth/v2/oauth-token';
const USERINFO = '/oauth/v2/oauth-userinfo';
const ADMIN_SCOPE = 'clients:read clients:write users:read users:write events:read';

function learn(pool: Pool, client: FuzzClient): (answer: Answer) => void {
  return (answer) => {
    const body = answer.status === 200 ? jsonOf(answer) : undefined;
    const { access_token: access, refresh_token: refresh, id_token: id } = body ?? {};
    if (typeof access === 'string') pool.accessTokens.add({ token: access, client });
    if (typeof refresh === 'string') pool.refreshTokens.add({ token: refresh, client });
    if (typeof id === 'string') pool.idTokens.add(id);
  };
}

/** Redeems a code, mostly once and by its own client. */
function code(random: Random, pool: Pool): Draft {
  const other = aClient(random, pool);
  const found = random.among(pool.codes.items);
  const used = random.chance(0.92);
  if (used && found !== undefined) pool.codes.remove(found);
  const client = random.chance(0.94) ? (found?.client ?? other) : other;
  const { form, headers } = credentials(client);
  const values = {
    grant_type: 'authorization_code',
    code: text(random, found?.code ?? MISSING_SECRET),
    redirect_uri: maybe(random, 0.97, found?.redirectUri),
    code_verifier: maybe(random, 0.97, found?.verifier),
    scope: maybe(random, 0.05, 'openid'),
  };
  return post('token: authorization_code', TOKEN, { ...values, ...form }, { headers, learn: learn(pool, client) });
}

/** Refreshes, mostly with a new refresh token and by its own client. */
function refresh(random: Random, pool: Pool): Draft {
  const other = aClient(random, pool);
  const found = random.among(pool.refreshTokens.items);
  const used = random.chance(0.93);
  if (used && found !== undefined) pool.refreshTokens.remove(found);
  const client = random.chance(0.95) ? (found?.client ?? other) : other;
  const { form, headers } = credentials(client);
  const scope = maybe(
    random,
    0.25,
    text(random, random.pick(['openid', 'openid profile', 'profile email', 'clients:write', 'a  b', ''])),
  );
  const values = { grant_type: 'refresh_token', refresh_token: text(random, found?.token ?? MISSING_SECRET), scope };
  return post('token: refresh_token', TOKEN, { ...values, ...form }, { headers, learn: learn(pool, client) });
}

function clientCredentials(random: Random, pool: Pool): Draft {
  const own = pool.clients.filter(({ scope }) => scope.startsWith('api'));
  const client = random.chance(0.8) ? (random.among(own) ?? aClient(random, pool)) : aClient(random, pool);
  const { form, headers } = credentials(client);
  const scope = maybe(random, 0.7, text(random, random.pick(['api:read', 'api:read api:write', 'openid', 'clients:write', ''])));
  return post(
    'token: client_credentials',
    TOKEN,
    { grant_type: 'client_credentials', scope, ...form },
    { headers, learn: learn(pool, client) },
  );
}

/** Obtains new tokens for the administrator during the run. */
function administrator(random: Random, pool: Pool): Draft {
  const admin = pool.administrator;
  const { form, headers } = credentials(admin);
  const scope = random.chance(0.8) ? ADMIN_SCOPE : random.pick([
    'clients:read', 'users:read users:write', 'events:read grants:read', '',
  ]);
  const keep = (answer: Answer): void => {
    const token = answer.status === 200 ? jsonOf(answer)?.['access_token'] : undefined;
    if (typeof token === 'string' && scope === ADMIN_SCOPE) pool.adminTokens.add(token);
  };
  return post('token: client_credentials', TOKEN, { grant_type: 'client_credentials', scope, ...form }, { headers, learn: keep });
}

/** A request with a wrong client or grant type. */
function refused(random: Random, pool: Pool): Draft {
  const client = aClient(random, pool);
  const { form, headers } = credentials({
    ...client,
    secret: random.chance(0.5) ? client.secret : random.word(30),
    method: methodOf(random),
  });
  const grant = random.pick([
    'password', 'urn:ietf:params:oauth:grant-type:device_code', 'implicit', '__proto__', 'constructor', 'toString',
    'authorization_code', 'refresh_token',
  ]);
  const values = {
    grant_type: maybe(random, 0.9, text(random, grant)),
    username: 'a',
    password: 'b',
    code: maybe(random, 0.3, MISSING_SECRET),
  };
  const query = random.chance(0.2) ? { client_id: client.clientId, code: 'x' } : {};
  return post('token: refused', TOKEN, { ...values, ...form }, { headers, query });
}

function methodOf(random: Random): string {
  return random.pick(['none', 'client_secret_post', 'client_secret_basic']);
}

function aToken(random: Random, pool: Pool): string {
  const token = random.among(pool.accessTokens.items)?.token;
  const admin = random.among(pool.adminTokens.items);
  return (random.chance(0.95) ? token : admin) ?? MISSING_SECRET;
}

function userinfo(random: Random, pool: Pool): Draft {
  return get('GET userinfo', USERINFO, { headers: bearer(text(random, aToken(random, pool)).replaceAll(/[^ -~]/g, '')) });
}

function userinfoByPost(random: Random, pool: Pool): Draft {
  const token = aToken(random, pool);
  const inForm = random.chance(0.6);
  const form = { access_token: inForm ? text(random, token) : undefined };
  return post('POST userinfo', USERINFO, form, { headers: inForm && random.chance(0.95) ? [] : bearer(token) });
}

export const token: readonly Production[] = [
  { weight: 85, make: code },
  { weight: 75, make: refresh },
  { weight: 35, make: clientCredentials },
  { weight: 5, make: administrator },
  { weight: 20, make: refused },
  { weight: 60, make: userinfo },
  { weight: 30, make: userinfoByPost },
];
