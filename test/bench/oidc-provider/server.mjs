/** oidc-provider with a Postgres adapter, clients in memory, and minimal pages for login and consent. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { verify } from '@node-rs/argon2';
import Provider from 'oidc-provider';
import pg from 'pg';
import { adapterOn } from './adapter.mjs';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const client = JSON.parse(process.env.CLIENT);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const findBySub = { name: 'find_by_sub', text: 'SELECT sub, profile FROM users WHERE sub = $1 AND NOT locked' };
const findByName = { name: 'find_by_name', text: 'SELECT sub, password_hash FROM users WHERE username = $1 AND NOT locked' };

async function findAccount(_, sub) {
  const { rows: [user] } = await pool.query({ ...findBySub, values: [sub] });
  return user && { accountId: sub, claims: async () => ({ sub, ...user.profile }) };
}

const provider = new Provider(process.env.ISSUER, {
  adapter: adapterOn(pool),
  clients: [{
    ...client,
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types: ['code'],
    id_token_signed_response_alg: 'ES256',
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: 'bench' }] },
  cookies: { keys: [process.env.COOKIE_KEY] },
  claims: { openid: ['sub'], profile: ['name', 'given_name', 'family_name'] },
  scopes: ['openid', 'profile', 'api'],
  features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
  findAccount,
  // Faster than its defaults: the session is not looked up at each use of a token, and the scopes are not checked first.
  expiresWithSession: async () => false,
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  ttl: {
    AccessToken: 300, AuthorizationCode: 60, ClientCredentials: 300, Grant: 2_592_000, IdToken: 3600, Interaction: 600,
    RefreshToken: 3600, Session: 36_000,
  },
});
provider.on('server_error', (_, error) => process.stderr.write(`${error.stack}\n`));

async function show(incoming, outgoing) {
  const { uid, prompt, params } = await provider.interactionDetails(incoming, outgoing);
  const inputs = prompt.name === 'login'
    ? '<input name="username"><input name="password" type="password">'
    : `${params.client_id} wants ${params.scope}`;
  const body = `<!doctype html><form action="/interaction/${uid}/${prompt.name}" method="post">${inputs}</form>`;
  outgoing.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
}

async function logIn(incoming, outgoing) {
  const sent = await formOf(incoming);
  const { rows: [user] } = await pool.query({ ...findByName, values: [sent.get('username')] });
  const proven = user !== undefined && (await verify(user.password_hash, sent.get('password')));
  if (!proven) return outgoing.writeHead(401).end();
  return provider.interactionFinished(incoming, outgoing, { login: { accountId: user.sub } }, { mergeWithLastSubmission: false });
}

async function consent(incoming, outgoing) {
  const { session, params, prompt, grantId } = await provider.interactionDetails(incoming, outgoing);
  const grant = grantId === undefined
    ? new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
    : await provider.Grant.find(grantId);
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(incoming, outgoing, result, { mergeWithLastSubmission: true });
}

async function formOf(incoming) {
  const pieces = [];
  for await (const piece of incoming) pieces.push(piece);
  return new URLSearchParams(Buffer.concat(pieces).toString());
}

const callback = provider.callback();
const server = createServer((incoming, outgoing) => {
  const [, step] = /^\/interaction\/[^/]+(?:\/(login|consent))?$/.exec(incoming.url) ?? [];
  const page = { login: logIn, consent }[step] ?? (incoming.url.startsWith('/interaction/') ? show : undefined);
  if (page === undefined) {
    callback(incoming, outgoing);
    return;
  }
  page(incoming, outgoing).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    outgoing.writeHead(500).end();
  });
});
server.keepAliveTimeout = 72_000;
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
