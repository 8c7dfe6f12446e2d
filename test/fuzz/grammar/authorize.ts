/** The authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2.1), by GET and by POST. */
import { createHash } from 'node:crypto';
import { type Answer, header } from '../read-answers.js';
import { type Draft, get, post } from '../draft.js';
import { type FuzzBrowser, type FuzzClient, hiddenField, type Pool } from '../pool.js';
import { aBrowser, aClient, cookies, maybe, mostly, type Production, text } from '../production.js';
import type { Random } from '../random.js';

const PATH = '/oauth/v2/oauth-authorize';

interface Request {
  readonly client: FuzzClient;
  readonly browser: FuzzBrowser;
  readonly redirectUri: string | undefined;
  readonly verifier: string | undefined;
}

function request(random: Random, pool: Pool): { context: Request; values: Record<string, string | undefined> } {
  const client = aClient(random, pool);
  const browser = aBrowser(random, pool);
  const redirectUri = maybe(random, 0.96, portOf(random, random.among(client.redirectUris) ?? ''));
  const isPublic = client.method === 'none';
  const verifier = maybe(random, isPublic ? 0.98 : 0.7, random.word(50));
  const values = {
    response_type: text(random, 'code'),
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: maybe(random, 0.95, text(random, scopeOf(random, client))),
    state: maybe(random, 0.8, text(random, random.word(12))),
    nonce: maybe(random, 0.5, text(random, random.word(16))),
    code_challenge: verifier === undefined ? undefined : createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: verifier === undefined ? undefined : text(random, 'S256'),
    response_mode: maybe(random, 0.2, mostly(random, random.pick(['query', 'fragment', 'form_post']), ['web_message', 'query.jwt'])),
    prompt: maybe(
      random,
      0.12,
      random.pick(['none', 'login', 'consent', 'create', 'login consent', 'none login', 'select_account']),
    ),
    max_age: maybe(random, 0.1, mostly(random, random.pick(['0', '1', '3600', '999999999']), ['1e9', '-1', '9999999999', '٣'])),
    login_hint: maybe(random, 0.1, text(random, 'jane@example.com')),
    ui_locales: maybe(random, 0.1, text(random, random.pick(['de fr', 'fr-CA en', 'xx', '__proto__ constructor']))),
    display: maybe(random, 0.05, text(random, 'page')),
    acr_values: maybe(random, 0.05, text(random, 'urn:a urn:b')),
    id_token_hint: maybe(random, 0.08, text(random, random.among(pool.idTokens.items) ?? 'a.b.c')),
    claims: maybe(random, 0.07, random.pick(CLAIMS)),
    request: maybe(random, 0.01, 'eyJhbGciOiJub25lIn0.e30.'),
    request_uri: maybe(random, 0.01, 'https://evil.example/request'),
  };
  return { context: { client, browser, redirectUri, verifier }, values };
}

const CLAIMS: readonly [string, ...string[]] = [
  '{"userinfo":{"email":null,"name":{"essential":true}}}',
  '{"id_token":{"auth_time":{"essential":true},"acr":{"values":["a","b"]}}}',
  '{"id_token":{"sub":{"value":"jane"}}}', '{"userinfo":{"__proto__":null,"constructor":null,"toString":{}}}', '{}', '[]',
  'null', '{"userinfo":[]}',
  '{"userinfo":{"a":{"essential":1}}}', '{"userinfo":{"name":{"value":"\\u0000"}}}',
  '{"userinfo":{"name":{"value":"\\ud800"}}}', `{"userinfo":{"a":${'['.repeat(800)}${']'.repeat(800)}}}`,
  `{"userinfo":{"a":{"values":${'['.repeat(19)}${']'.repeat(19)}}}}`,
  `{"userinfo":{${Array.from({ length: 300 }, (_, index) => `"c${String(index)}":null`).join(',')}}}`,
  '{"userinfo":{"<fuzzx>":null}}', '{"userinfo":{"email":{"value":1e999}}}',
  '{"id_token":{"email":null,"name":null,"address":null,"phone_number":null}}', '{"x":1}',
  '{"userinfo":null,"id_token":null}',
];

/** A subset of the scopes of the client, mostly with `openid`. */
function scopeOf(random: Random, { scope }: FuzzClient): string {
  const chosen = scope.split(' ').filter((name) => random.chance(name === 'openid' ? 0.9 : 0.5));
  return chosen.join(' ');
}

/** The client may choose the port of a loopback address (RFC 8252 §7.3). */
function portOf(random: Random, uri: string): string {
  const port = 1024 + random.int(60_000);
  return uri.replace(/^http:\/\/(127\.0\.0\.1|\[::1\])\//, (_whole, host: string) => `http://${host}:${String(port)}/`);
}

/** Stores the code of the answer, whatever its response mode. */
function learn(pool: Pool, { client, browser, redirectUri, verifier }: Request): (answer: Answer) => void {
  return (answer) => {
    pool.learnFromPage(browser, answer);
    const code = codeIn(answer);
    if (code !== undefined) pool.codes.add({ code, client, redirectUri, verifier });
  };
}

export function codeIn(answer: Answer): string | undefined {
  const inLocation = /[?&#]code=([\w-]+)/.exec(header(answer, 'location') ?? '')?.[1];
  return inLocation ?? (answer.status === 200 ? hiddenField(answer.body.toString('latin1'), 'code') : undefined);
}

function byGet(random: Random, pool: Pool): Draft {
  const { context, values } = request(random, pool);
  return get('GET authorize', PATH, { query: values, headers: cookies(context.browser), learn: learn(pool, context) });
}

function byPost(random: Random, pool: Pool): Draft {
  const { context, values } = request(random, pool);
  return post('POST authorize', PATH, values, { headers: cookies(context.browser), learn: learn(pool, context) });
}

/** Redirect URIs that only resemble a registered one. */
function wrongRedirectUri(random: Random, pool: Pool): Draft {
  const { context, values } = request(random, pool);
  const registered = context.redirectUri ?? 'https://rp.example/callback';
  const wrong = random.pick([
    'https://evil.example/callback', `${registered}/`, `${registered}?a=b`, `${registered}#`, `${registered}/../evil`,
    registered.toUpperCase(), registered.replace('://', '://evil.example@'),
    registered.replace('https:', 'http:'), registered.replace('.example', '.example.evil.example'),
    `${registered}%0d%0aX-Fuzzx:1`, registered.replace('/callback', '%2fcallback'), ` ${registered}`, `${registered}\t`,
    '//evil.example/callback', 'javascript:fuzzx()', registered.replace('rp', 'ｒp'), registered.replace('://', ':\\\\'),
    `https://evil.example?${registered}`, `https://evil.example#${registered}`, 'http://127.0.0.1:1/evil',
    'http://127.0.0.1.evil.example:80/callback',
  ]);
  return get(
    'GET authorize, wrong URI',
    PATH,
    { query: { ...values, redirect_uri: wrong }, headers: cookies(context.browser), learn: learn(pool, context) },
  );
}

export const authorize: readonly Production[] = [
  { weight: 210, make: byGet },
  { weight: 60, make: byPost },
  { weight: 25, make: wrongRedirectUri },
];
