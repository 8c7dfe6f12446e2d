/**
 * The floor: the lowest cost of the operations on Node and Postgres. It uses node:http and pg, one statement for each operation, and
 * checks what the others check: client secret, PKCE, redirect URI, grant and account. It records an event for each change.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { verify } from '@node-rs/argon2';
import pg from 'pg';
import { authenticate, expiring, parse, sha256, signJwt } from './secrets.mjs';
import * as sql from './statements.mjs';

const ISSUER = process.env.ISSUER;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const run = async (statement, values) => (await pool.query({ ...statement, values })).rows;
const clients = new Map((await pool.query('SELECT * FROM clients')).rows.map((client) => [client.client_id, client]));
const challengeOf = (verifier) => sha256(verifier ?? '').toString('base64url');

const DISCOVERY = JSON.stringify({
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  userinfo_endpoint: `${ISSUER}/userinfo`,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
  code_challenge_methods_supported: ['S256'],
});

const redirect = (location, cookies = []) => ({ status: 303, headers: { location, 'cache-control': 'no-store', 'set-cookie': cookies } });
const html = (body) => ({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body });
const json = (document, status = 200) => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: typeof document === 'string' ? document : JSON.stringify(document),
});
const refused = (error, status = 400) => json({ error }, status);
const cookie = (name, value) => `${name}=${value}; Path=/; HttpOnly; SameSite=Lax`;
const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function toClient(request, code) {
  const answer = new URLSearchParams({ code, iss: ISSUER, ...(request.state ? { state: request.state } : {}) });
  return `${request.redirect_uri}?${answer}`;
}

async function authorize({ query, cookies, now }) {
  const request = Object.fromEntries(query);
  const client = clients.get(request.client_id);
  if (client === undefined || client.redirect_uri !== request.redirect_uri) return refused('invalid_request');
  const allowed = client.scope.split(' ');
  if (request.response_type !== 'code' || request.code_challenge_method !== 'S256') return refused('invalid_request');
  if (!request.scope.split(' ').every((scope) => allowed.includes(scope))) return refused('invalid_scope');

  const session = parse(cookies.session, now);
  if (session !== undefined) {
    const code = expiring(now, 60);
    const { client_id, scope, redirect_uri, code_challenge, nonce = null } = request;
    const issued = await run(sql.issueCode, [
      now, session.hash, session.expiresAt, code.hash, code.expiresAt, randomUUID(), client_id, scope, redirect_uri, code_challenge, nonce,
    ]);
    if (issued.length === 1) return redirect(toClient(request, code.value));
  }
  const browser = cookies.browser ?? expiring(now, 3600).value;
  const handle = expiring(now, 600);
  await run(sql.storeRequest, [now, handle.expiresAt, handle.hash, sha256(browser), JSON.stringify(request), request.client_id]);
  return redirect(`/login?request=${handle.value}`, [cookie('browser', browser)]);
}

const form = (action, handle, inputs) =>
  html(`<!doctype html><form action="${action}" method="post"><input name="request" value="${escape(handle ?? '')}">${inputs}</form>`);

async function logIn({ form: { request, username, password }, now }) {
  const [user] = await run(sql.findUser, [username]);
  if (user === undefined || !(await verify(user.password_hash, password))) return refused('wrong', 401);
  const session = expiring(now, 36_000);
  await run(sql.startSession, [now, session.expiresAt, session.hash, randomUUID(), user.sub]);
  return redirect(`/consent?request=${request}`, [cookie('session', session.value)]);
}

function opened({ request, cookies, now }) {
  const [handle, session] = [parse(request, now), parse(cookies.session, now)];
  return handle && session && [handle.expiresAt, handle.hash, sha256(cookies.browser ?? ''), session.expiresAt, session.hash];
}

async function showConsent({ query, cookies, now }) {
  const keys = opened({ request: query.get('request'), cookies, now });
  const [found] = keys ? await run(sql.showConsent, keys) : [];
  if (found === undefined) return refused('gone');
  const { name } = clients.get(found.request.client_id);
  return form('/consent', query.get('request'), `${escape(name)} wants ${escape(found.request.scope)} of ${escape(found.username)}`);
}

async function decide({ form: { request }, cookies, now }) {
  const keys = opened({ request, cookies, now });
  const code = expiring(now, 60);
  const [done] = keys ? await run(sql.allow, [now, ...keys, code.expiresAt, code.hash, randomUUID()]) : [];
  return done === undefined ? refused('gone') : redirect(toClient(done.request, code.value));
}

function tokens(granted, access, refreshToken, now) {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const idToken = signJwt({
    iss: ISSUER, sub: granted.sub, aud: granted.client_id, azp: granted.client_id, exp: issuedAt + 3600, iat: issuedAt, jti: randomUUID(),
    auth_time: Math.floor(granted.auth_time.getTime() / 1000), at_hash: sha256(access.value).subarray(0, 16).toString('base64url'),
    sid: granted.sid, ...(granted.nonce ? { nonce: granted.nonce } : {}),
  });
  const { scope } = granted;
  return json({
    access_token: access.value, token_type: 'bearer', expires_in: 300, refresh_token: refreshToken.value, id_token: idToken, scope,
  });
}

const GRANTS = {
  async authorization_code({ form: sent, now }, client) {
    const code = parse(sent.code, now);
    if (code === undefined) return refused('invalid_grant');
    const [access, next] = [expiring(now, 300), expiring(now, 3600)];
    const [granted] = await run(sql.redeem, [
      now, code.expiresAt, code.hash, client.client_id, sent.redirect_uri, challengeOf(sent.code_verifier),
      access.expiresAt, access.hash, next.expiresAt, next.hash, new Date(now.getTime() + 30 * 86_400_000),
    ]);
    return granted === undefined ? refused('invalid_grant') : tokens(granted, access, next, now);
  },
  async refresh_token({ form: sent, now }, client) {
    const token = parse(sent.refresh_token, now);
    if (token === undefined) return refused('invalid_grant');
    const [access, next] = [expiring(now, 300), expiring(now, 3600)];
    const keys = [token.expiresAt, token.hash, client.client_id, access.expiresAt, access.hash, next.expiresAt, next.hash];
    const [granted] = await run(sql.refresh, [now, ...keys]);
    return granted === undefined ? refused('invalid_grant') : tokens(granted, access, next, now);
  },
  async client_credentials({ form: { scope }, now }, client) {
    if (!scope.split(' ').every((one) => client.scope.split(' ').includes(one))) return refused('invalid_scope');
    const access = expiring(now, 300);
    await run(sql.clientCredentials, [now, access.expiresAt, access.hash, client.client_id, scope]);
    return json({ access_token: access.value, token_type: 'bearer', expires_in: 300, scope });
  },
};

async function token(request) {
  const client = authenticate(request.headers.authorization, clients);
  if (client === undefined) return refused('invalid_client', 401);
  return (await GRANTS[request.form.grant_type]?.(request, client)) ?? refused('unsupported_grant_type');
}

async function userinfo({ headers, now }) {
  const access = parse((headers.authorization ?? '').slice(7), now);
  const [found] = access ? await run(sql.userinfo, [access.expiresAt, access.hash]) : [];
  if (found === undefined) return refused('invalid_token', 401);
  return json({ sub: found.sub, ...(found.scope.includes('profile') ? found.profile : {}) });
}

const ROUTES = {
  'GET /.well-known/openid-configuration': () => json(DISCOVERY),
  'GET /authorize': authorize,
  'GET /login': ({ query }) => form('/login', query.get('request'), '<input name="username"><input name="password" type="password">'),
  'POST /login': logIn,
  'GET /consent': showConsent,
  'POST /consent': decide,
  'POST /token': token,
  'GET /userinfo': userinfo,
};

async function bodyOf(incoming) {
  const pieces = [];
  for await (const piece of incoming) pieces.push(piece);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(pieces).toString()));
}

async function answer(incoming) {
  const [path, query] = incoming.url.split('?', 2);
  const route = ROUTES[`${incoming.method} ${path}`];
  if (route === undefined) return refused('not_found', 404);
  const cookies = Object.fromEntries((incoming.headers.cookie ?? '').split('; ').map((pair) => pair.split('=', 2)));
  const sent = incoming.method === 'POST' ? await bodyOf(incoming) : {};
  return route({ query: new URLSearchParams(query), cookies, form: sent, headers: incoming.headers, now: new Date() });
}

const server = createServer((incoming, outgoing) => {
  answer(incoming).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    return refused('server_error', 500);
  }).then(({ status, headers, body = '' }) => {
    outgoing.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  });
});
server.keepAliveTimeout = 72_000;
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
