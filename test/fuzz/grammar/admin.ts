/** The administration API: clients, their secrets, accounts, events, and the OpenAPI document. */
import { type Answer, header } from '../read-answers.js';
import { type Draft, get, percentEncode, send } from '../draft.js';
import { JSON_VALUES, NUMBERS } from '../hostile-values.js';
import { jsonOf, type Pool, type Resource } from '../pool.js';
import { bearer, freshName, maybe, mostly, MISSING_SECRET, type Production, text } from '../production.js';
import type { Random } from '../random.js';

const BASE = '/admin/v1';
/** A hash with the smallest cost of argon2id, so thousands of accounts can be created. */
const CHEAP_HASH = '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$3h3Gq0m1Wn8m4sQ2oE7yq1o0bq3mQw7V8m0b6yq9x1k';

function authorized(random: Random, pool: Pool): readonly (readonly [string, string])[] {
  const [own, other] = [random.among(pool.adminTokens.items), random.among(pool.accessTokens.items)?.token];
  return random.chance(0.97) ? bearer(own) : random.chance(0.5) ? bearer(other) : [];
}

/** Stores the entity tag and the redirect URIs of a resource that the run has created. */
function learnResource(pool: Pool, kind: 'clients' | 'users'): (answer: Answer) => void {
  return (answer) => {
    if (answer.status !== 200 && answer.status !== 201) return;
    const shown = jsonOf(answer) ?? {};
    const id = kind === 'clients' ? shown['client_id'] : shown['sub'];
    const etag = header(answer, 'etag') ?? '';
    learnFlowClient(pool, shown);
    if (typeof id !== 'string' || !/^(created|[0-9a-f-]{36}$)/.test(id)) return;
    const ring = kind === 'clients' ? pool.createdClients : pool.createdUsers;
    const known = ring.items.find((one) => one.id === id);
    if (known === undefined) ring.add({ id, etag });
    else known.etag = etag;
  };
}

/** Stores a client that can use the code flow. */
function learnFlowClient(pool: Pool, shown: Readonly<Record<string, unknown>>): void {
  const {
    client_id: clientId,
    client_secret: secret = '',
    redirect_uris: uris,
    token_endpoint_auth_method: method,
    scope,
  } = shown;
  if (typeof clientId !== 'string' || !Array.isArray(uris)) return;
  const redirectUris = uris.map(String);
  for (const uri of redirectUris) pool.redirectUris.add(uri);
  if (redirectUris.length === 0 || (secret === '' && method !== 'none')) return;
  pool.createdFlowClients.add({ clientId, secret: String(secret), method: String(method), redirectUris, scope: String(scope) });
}

function number(random: Random, valid: number): unknown {
  const [hostile, other, chance] = [random.pick(NUMBERS), random.pick(JSON_VALUES), random.next()];
  return chance < 0.95 ? valid : chance < 0.99 ? hostile : other;
}

const GRANT_TYPES: readonly [string[], ...string[][]] = [['authorization_code'], ['client_credentials'], [], ['implicit']];

function clientDocument(random: Random): Record<string, unknown> {
  const host = `https://rp-${random.word(5)}.example`;
  const all: Record<string, unknown> = {
    client_name: text(random, 'A created client'),
    client_uri: text(random, host),
    redirect_uris: Array.from(
      { length: 1 + random.int(3) },
      (_, index) => text(random, `${host}/callback/${String(index)}`),
    ).filter((uri) => !uri.includes('evil')),
    scope: text(random, 'openid profile email'),
    default_scope: text(random, random.pick(['', 'openid'])),
    token_endpoint_auth_method: text(random, random.pick(['client_secret_basic', 'client_secret_post', 'none'])),
    grant_types: mostly(random, ['authorization_code', 'refresh_token'], GRANT_TYPES),
    contacts: [text(random, 'ops@rp.example')],
    enabled: random.chance(0.9),
    access_token_lifetime: number(random, 300),
    refresh_token_lifetime: number(random, 3600),
    refresh_token_absolute_lifetime: number(random, 86_400),
    refresh_token_grace: number(random, 10),
    id_token_lifetime: number(random, 600),
    authorization_code_lifetime: number(random, 60),
    default_max_age: number(random, 3600),
    id_token_signed_response_alg: text(random, random.pick(['RS256', 'ES256'])),
    require_pkce: random.chance(0.5),
    require_consent: random.chance(0.5),
    code_challenge_methods: mostly(random, ['S256'], [['S256', 'plain'], ['plain'], []]),
    authenticators: mostly(random, ['username-password'], [[], ['nothing']]),
    allowed_origins: [text(random, host)],
    policy_uri: text(random, `${host}/policy`),
  };
  return someOf(random, all, ['redirect_uris', 'scope']);
}

const ADDRESSES: readonly [unknown, ...unknown[]] = [
  {}, null, [], 'x', { address: {} }, { country: 1 }, JSON.parse('{"__proto__":1}'), { constructor: 'a', toString: 'b' },
];

function userDocument(random: Random): Record<string, unknown> {
  const all: Record<string, unknown> = {
    name: text(random, 'Created User'),
    given_name: text(random, 'Created'),
    email: text(random, 'created@example.com'),
    email_verified: random.chance(0.5),
    birthdate: text(random, random.pick(['1980-02-29', '0000-12-31', '1980', '9999-12-31'])),
    zoneinfo: text(random, mostly(random, 'Europe/Paris', ['UTC', '+01:00', 'Etc/GMT+12', 'Nowhere/Land'])),
    locale: text(random, 'de-CH'),
    phone_number: text(random, '+49 30 123456'),
    website: text(random, 'https://created.example/'),
    address: mostly<unknown>(random, { country: 'FR', formatted: 'a\nb' }, ADDRESSES),
    locked: random.chance(0.1),
  };
  return someOf(random, all, []);
}

/** A random selection of the members, always with those in `required`. */
function someOf(random: Random, all: Record<string, unknown>, required: readonly string[]): Record<string, unknown> {
  const share = random.next();
  return Object.fromEntries(Object.entries(all).filter(([name]) => random.chance(share) || required.includes(name)));
}

function listing(name: string, path: string, key: string): Production['make'] {
  return (random, pool) => {
    const query = {
      limit: maybe(random, 0.7, text(random, String(1 + random.int(20)))),
      after: maybe(random, 0.4, text(random, random.among(pool.cursors.items) ?? 'YQ')),
      q: maybe(random, 0.3, text(random, 'created')),
      sort: maybe(random, 0.3, text(random, random.pick([key, `-${key}`]))),
    };
    const learn = (answer: Answer): void => {
      const cursor = /[?&]after=([\w%-]+)/.exec(header(answer, 'link') ?? '')?.[1];
      if (cursor !== undefined) pool.cursors.add(cursor);
    };
    return get(name, path, { query, headers: authorized(random, pool), learn });
  };
}

const TYPES = ['gatehouse.token.code-redeemed.v1', 'gatehouse.authorization.code-issued.v1,gatehouse.token.tokens-issued.v1'] as const;

function events(random: Random, pool: Pool): Draft {
  const types = mostly(random, random.pick(TYPES), ['x', ',', 'gatehouse.', `${TYPES[0]},`.repeat(60)]);
  const query = {
    after: maybe(random, 0.8, text(random, random.among(pool.positions.items) ?? '0')),
    types: maybe(random, 0.4, text(random, types)),
    limit: maybe(random, 0.9, text(random, String(1 + random.int(20)))),
  };
  const learn = (answer: Answer): void => {
    const position = /[?&]after=(\d+)/.exec(header(answer, 'link') ?? '')?.[1];
    if (position !== undefined) pool.positions.add(position);
  };
  return get('GET admin/events', `${BASE}/events`, { query, headers: authorized(random, pool), learn });
}

interface Kind {
  readonly kind: 'clients' | 'users';
  readonly documentOf: (random: Random) => Record<string, unknown>;
  readonly ring: (pool: Pool) => readonly Resource[];
}

const CLIENTS: Kind = { kind: 'clients', documentOf: clientDocument, ring: (pool) => pool.createdClients.items };
const USERS: Kind = { kind: 'users', documentOf: userDocument, ring: (pool) => pool.createdUsers.items };

function create({ kind, documentOf }: Kind): Production['make'] {
  return (random, pool) => {
    const document = documentOf(random);
    const [id, hostile] = [freshName('created'), maybe(random, 0.1, text(random, 'admin'))];
    const own = kind === 'clients' ? { client_id: hostile ?? id } : {
      username: hostile ?? id,
      password_hash: CHEAP_HASH,
      sub: maybe(random, 0.2, text(random, id)),
    };
    const draft = get(`POST admin/${kind}`, `${BASE}/${kind}`, { headers: authorized(random, pool), learn: learnResource(pool, kind) });
    return send(draft, 'POST', { ...document, ...own });
  };
}

/** Reads, replaces, changes or removes a resource that the run has created. */
function one({ kind, documentOf, ring }: Kind, method: string): Production['make'] {
  return (random, pool) => {
    const found = random.among(ring(pool));
    const [hostile, tag, which] = [text(random, 'no-such-id'), random.pick(['*', '"1"', 'W/"1"', '']), random.next()];
    const id = random.chance(0.93) ? (found?.id ?? 'no-such-id') : hostile;
    const etag = which < 0.85 ? (found?.etag ?? '*') : tag;
    const headers = [...authorized(random, pool), ...(method === 'GET' || random.chance(0.03) ? [] : [['If-Match', etag] as const])];
    const draft = get(`${method} admin/${kind}/…`, `${BASE}/${kind}/${percentEncode(id)}`, { headers, learn: learnResource(pool, kind) });
    const document = documentOf(random);
    if (method === 'PUT' || method === 'PATCH') return send(draft, method, document);
    return method === 'DELETE' ? { ...draft, method, learn: removeFromPool(pool, found) } : { ...draft, method };
  };
}

function removeFromPool({ createdClients, createdUsers, createdFlowClients }: Pool, gone: Resource | undefined): (answer: Answer) => void {
  return ({ status }) => {
    if (gone === undefined || (status !== 204 && status !== 404)) return;
    createdClients.remove(gone);
    createdUsers.remove(gone);
    for (const flow of createdFlowClients.items.filter(({ clientId }) => clientId === gone.id)) createdFlowClients.remove(flow);
  };
}

/** Registers a client by PUT, with the ID in the path. */
function putNew(random: Random, pool: Pool): Draft {
  const headers = [...authorized(random, pool), ['If-None-Match', '*'] as const];
  const draft = get('PUT admin/clients/…', `${BASE}/clients/${freshName('created')}`, { headers, learn: learnResource(pool, 'clients') });
  return send(draft, 'PUT', clientDocument(random));
}

function secrets(random: Random, pool: Pool): Draft {
  const clientId = random.among(pool.createdClients.items)?.id ?? 'no-such-id';
  const [secret, which, hostile] = [random.among(pool.secrets.items), random.next(), text(random, MISSING_SECRET)];
  const headers = authorized(random, pool);
  const path = `${BASE}/clients/${percentEncode(clientId)}/secrets`;
  const learn = (answer: Answer): void => {
    const id = jsonOf(answer)?.['id'];
    if (typeof id === 'string') pool.secrets.add({ clientId, id });
  };
  if (which < 0.35) return get('GET admin/clients/…/secrets', path, { headers });
  const retire = random.chance(0.5) ? {} : { retire_others_in: number(random, 60) };
  if (which < 0.75) return send(get('POST admin/clients/…/secrets', path, { headers, learn }), 'POST', retire);
  const known = secret ?? { clientId, id: hostile };
  const id = random.chance(0.85) ? known.id : hostile;
  return {
    ...get(
      'DELETE admin/clients/…/secrets/…',
      `${BASE}/clients/${percentEncode(known.clientId)}/secrets/${percentEncode(id)}`,
      { headers },
    ),
    method: 'DELETE',
  };
}

export const admin: readonly Production[] = [
  { weight: 12, make: listing('GET admin/clients', `${BASE}/clients`, 'client_id') },
  { weight: 18, make: create(CLIENTS) },
  { weight: 12, make: one(CLIENTS, 'GET') },
  { weight: 12, make: one(CLIENTS, 'PUT') },
  { weight: 6, make: putNew },
  { weight: 20, make: one(CLIENTS, 'PATCH') },
  { weight: 8, make: one(CLIENTS, 'DELETE') },
  { weight: 18, make: secrets },
  { weight: 10, make: listing('GET admin/users', `${BASE}/users`, 'sub') },
  { weight: 14, make: create(USERS) },
  { weight: 10, make: one(USERS, 'GET') },
  { weight: 18, make: one(USERS, 'PATCH') },
  { weight: 6, make: one(USERS, 'DELETE') },
  { weight: 14, make: events },
  { weight: 2, make: () => get('GET admin/openapi.json', `${BASE}/openapi.json`) },
];
