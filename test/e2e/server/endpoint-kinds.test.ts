/** Status and headers of every kind of endpoint, for success and for errors, and of addresses that no route fits. */
import { Browser } from '#test/browser.js';
import { AUTHORIZE, authorizePath, basic, logIn, TOKEN } from '#test/flow.js';
import { aClient, aUser, type TestClient } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { obtainTokens, USERINFO } from '#test/tokens.js';

type Headers = Readonly<Record<string, string>>;

interface Sent {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: string;
}

/** Parts of requests that exist only when the server runs. */
interface Known {
  readonly client: TestClient;
  readonly accessToken: string;
  readonly adminToken: string;
  readonly stylesheet: string;
  /** The `Cookie` header of a browser that is signed in. */
  readonly cookie: string;
  /** A login form that this browser was shown. */
  readonly loginForm: Readonly<Record<string, string>>;
}

type Case = readonly [what: string, sent: Sent | ((known: Known) => Sent), status: number, headers: Headers];

const EVERY_ANSWER: Headers = {
  'content-security-policy':
    "default-src 'none';img-src 'self';style-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
};
/** Their values change with each answer or with the tokens in it. */
const CHANGING = ['connection', 'content-length', 'date', 'etag', 'keep-alive', 'location', 'set-cookie'];

const NO_STORE = { 'cache-control': 'no-store' };
const JSON_TEXT = { ...NO_STORE, 'content-type': 'application/json; charset=utf-8' };
const PROBLEM = { ...NO_STORE, 'content-type': 'application/problem+json; charset=utf-8' };
const PAGE = { ...NO_STORE, 'content-type': 'text/html; charset=utf-8', 'content-language': 'en', vary: 'Accept-Language' };
const PUBLIC = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' };

const FORM = 'application/x-www-form-urlencoded';
const CLIENTS = '/admin/v1/clients';
const OPENID = '/.well-known/openid-configuration';
const JWKS = '/oauth/v2/jwks';

const get = (path: string, headers: Headers = {}): Sent => ({ path, headers });
const head = (path: string, headers: Headers = {}): Sent => ({ path, headers, method: 'HEAD' });
const post = (path: string, body: string, type: string, headers: Headers = {}): Sent =>
  ({ path, method: 'POST', body, headers: { 'content-type': type, ...headers } });
const form = (path: string, fields: Readonly<Record<string, string>>, headers: Headers = {}): Sent =>
  post(path, new URLSearchParams(fields).toString(), FORM, headers);
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
const asAdmin = { authorization: basic({ client_id: 'admin', client_secret: 'administrator-of-the-tests-only-0' }) };
const credentials = { grant_type: 'client_credentials', scope: 'clients:read' };
const challenge = (scheme: string): Headers => ({ 'www-authenticate': `${scheme} realm="gatehouse"` });
const bearerError = (error: string, text: string): Headers =>
  ({ 'www-authenticate': `Bearer realm="gatehouse", error="${error}", error_description="${text}"` });
const allow = (methods: string): Headers => ({ allow: methods });

const OAUTH_ENDPOINT: readonly Case[] = [
  ['tokens', form(TOKEN, credentials, asAdmin), 200, { ...JSON_TEXT, pragma: 'no-cache' }],
  ['an error', form(TOKEN, { grant_type: 'x' }, asAdmin), 400, JSON_TEXT],
  ['a client that is not authenticated', form(TOKEN, credentials), 401, { ...JSON_TEXT, ...challenge('Basic') }],
  ['JSON', post(TOKEN, '{}', 'application/json'), 400, JSON_TEXT],
  ['a body of another type', post(TOKEN, 'x', 'text/plain'), 400, JSON_TEXT],
  ['a broken form', post(TOKEN, 'a=%ff', FORM), 400, JSON_TEXT],
  ['a form that is too large', post(TOKEN, `a=${'b'.repeat(70_000)}`, FORM), 413, JSON_TEXT],
  ['a compressed form', post(TOKEN, 'a=b', FORM, { 'content-encoding': 'gzip' }), 400, JSON_TEXT],
  ['a broken query', form(`${TOKEN}?a=%ff`, credentials, asAdmin), 400, JSON_TEXT],
  ['another method', get(TOKEN), 405, { ...JSON_TEXT, ...allow('POST') }],
];

const PROTECTED_RESOURCE: readonly Case[] = [
  ['claims', ({ accessToken }) => get(USERINFO, bearer(accessToken)), 200, JSON_TEXT],
  ['HEAD', ({ accessToken }) => head(USERINFO, bearer(accessToken)), 200, JSON_TEXT],
  ['the token in a form', ({ accessToken }) => form(USERINFO, { access_token: accessToken }), 200, JSON_TEXT],
  ['no token', get(USERINFO), 401, { ...JSON_TEXT, ...challenge('Bearer') }],
  [
    'an unknown token', get(USERINFO, bearer('x')), 401,
    { ...JSON_TEXT, ...bearerError('invalid_token', 'The access token is unknown, expired or revoked.') },
  ],
  [
    'a malformed header', get(USERINFO, bearer('a b')), 400,
    { ...JSON_TEXT, ...bearerError('invalid_request', 'The Authorization header is malformed.') },
  ],
  ['JSON', post(USERINFO, '{}', 'application/json'), 415, JSON_TEXT],
  ['another method', { path: USERINFO, method: 'PUT' }, 405, { ...JSON_TEXT, ...allow('GET, HEAD, POST') }],
];

const AUTHORIZATION_ENDPOINT: readonly Case[] = [
  ['a redirect to the login', ({ client }) => get(authorizePath(client)), 303, NO_STORE],
  ['a redirect to the client', ({ client, cookie }) => get(authorizePath(client), { cookie }), 303, NO_STORE],
  [
    'a form without a CSRF token',
    ({ client }) => form(AUTHORIZE, Object.fromEntries(new URLSearchParams(authorizePath(client).split('?')[1]))),
    303,
    NO_STORE,
  ],
  ['a form of another site', form(AUTHORIZE, { client_id: 'x' }, { 'sec-fetch-site': 'cross-site' }), 303, NO_STORE],
  ['a request without parameters', get(AUTHORIZE), 400, PAGE],
  ['HEAD', head(AUTHORIZE), 405, { ...PAGE, ...allow('GET, POST') }],
  ['JSON', post(AUTHORIZE, '{}', 'application/json'), 415, PAGE],
  ['another method', { path: AUTHORIZE, method: 'PUT' }, 405, { ...PAGE, ...allow('GET, HEAD, POST') }],
];

const PAGES: readonly Case[] = [
  ['the login', get('/login'), 200, PAGE],
  ['HEAD', head('/login'), 200, PAGE],
  ['the login of a user who is signed in', ({ cookie }) => get('/login', { cookie }), 200, PAGE],
  ['a wrong password', ({ loginForm, cookie }) => form('/login', { ...loginForm, username: 'a', password: 'b' }, { cookie }), 401, PAGE],
  ['an unknown handle', get('/login?request=x'), 400, PAGE],
  ['the sign-up', get('/signup'), 200, PAGE],
  ['a consent that nobody asked for', get('/consent'), 400, PAGE],
  ['the logout', ({ cookie }) => get('/logout', { cookie }), 200, PAGE],
  ['the account', ({ cookie }) => get('/account', { cookie }), 200, PAGE],
  ['the account of nobody', get('/account'), 303, NO_STORE],
  ['the home page', get('/'), 200, PAGE],
  ['the reference of an error', get('/errors/invalid_grant'), 200, PAGE],
  ['the reference of no error', get('/errors/none'), 404, PAGE],
  ...['/login', '/signup', '/consent', '/logout', '/account/end-session'].map(
    (path): Case => [`a form without a CSRF token at ${path}`, ({ cookie }) => form(path, {}, { cookie }), 403, PAGE],
  ),
  ['JSON', post('/login', '{}', 'application/json'), 415, PAGE],
  ['a body of another type', post('/login', 'x', 'text/plain'), 415, PAGE],
  ['another method', { path: '/login', method: 'PUT' }, 405, { ...PAGE, ...allow('GET, HEAD, POST') }],
  ['a form for a page without one', { path: '/', method: 'POST' }, 405, { ...PAGE, ...allow('GET, HEAD') }],
];

const CSS = { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable' };
const ICON = { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' };

const ASSETS: readonly Case[] = [
  ['the stylesheet', ({ stylesheet }) => get(stylesheet), 200, CSS],
  ['HEAD', ({ stylesheet }) => head(stylesheet), 200, CSS],
  ['the icon', get('/icon.svg'), 200, ICON],
  ['a broken query', ({ stylesheet }) => get(`${stylesheet}?a=%ff`), 400, PAGE],
  ['another method', { path: '/icon.svg', method: 'POST' }, 405, { ...PAGE, ...allow('GET, HEAD') }],
];

const PUBLIC_DOCUMENTS: readonly Case[] = [
  ...[OPENID, '/.well-known/oauth-authorization-server'].flatMap((path): Case[] => [
    [path, get(path), 200, { ...JSON_TEXT, ...PUBLIC }],
    [`HEAD of ${path}`, head(path), 200, { ...JSON_TEXT, ...PUBLIC }],
    [`a broken query of ${path}`, get(`${path}?a=%ff`), 400, JSON_TEXT],
    [`another method of ${path}`, { path, method: 'POST' }, 405, { ...JSON_TEXT, ...allow('GET, HEAD') }],
  ]),
  ['the keys', get(JWKS), 200, { ...PUBLIC, 'content-type': 'application/jwk-set+json; charset=utf-8' }],
  ['HEAD of the keys', head(JWKS), 200, { ...PUBLIC, 'content-type': 'application/jwk-set+json; charset=utf-8' }],
  ['a broken query of the keys', get(`${JWKS}?a=%ff`), 400, JSON_TEXT],
  ['another method of the keys', { path: JWKS, method: 'POST' }, 405, { ...JSON_TEXT, ...allow('GET, HEAD') }],
  ['JSON for the keys', post(JWKS, '{}', 'application/json'), 400, JSON_TEXT],
];

const METRICS = { ...NO_STORE, 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };

const OPERATORS: readonly Case[] = ['/health/live', '/health/ready', '/metrics'].flatMap((path): Case[] => [
  [path, get(path), 200, path === '/metrics' ? METRICS : JSON_TEXT],
  [`HEAD of ${path}`, head(path), 200, path === '/metrics' ? METRICS : JSON_TEXT],
  [`a broken query of ${path}`, get(`${path}?a=%ff`), 400, JSON_TEXT],
  [`another method of ${path}`, { path, method: 'POST' }, 405, { ...JSON_TEXT, ...allow('GET, HEAD') }],
]);

const asJson = (path: string, body: string, token: string): Sent => post(path, body, 'application/json', bearer(token));

const ADMINISTRATION: readonly Case[] = [
  ['a list', ({ adminToken }) => get(CLIENTS, bearer(adminToken)), 200, JSON_TEXT],
  ['HEAD', ({ adminToken }) => head(CLIENTS, bearer(adminToken)), 200, JSON_TEXT],
  ['a new resource', ({ adminToken }) => asJson(CLIENTS, '{"redirect_uris":["https://a.example/"]}', adminToken), 201, JSON_TEXT],
  ['the document without a token', get('/admin/v1/openapi.json'), 200, JSON_TEXT],
  ['no token', get(CLIENTS), 401, { ...PROBLEM, ...challenge('Bearer') }],
  [
    'an unknown token', get(CLIENTS, bearer('x')), 401,
    { ...PROBLEM, ...bearerError('invalid_token', 'it is unknown, expired or revoked') },
  ],
  ['no such resource', ({ adminToken }) => get(`${CLIENTS}/none`, bearer(adminToken)), 404, PROBLEM],
  ['a wrong field', ({ adminToken }) => asJson(CLIENTS, '{"x":1}', adminToken), 400, PROBLEM],
  ['broken JSON', ({ adminToken }) => asJson(CLIENTS, '{', adminToken), 400, PROBLEM],
  ['a form', ({ adminToken }) => form(CLIENTS, { a: 'b' }, bearer(adminToken)), 415, { ...PROBLEM, accept: 'application/json' }],
  ['a broken form', ({ adminToken }) => post(CLIENTS, 'a=%ff', FORM, bearer(adminToken)), 400, PROBLEM],
  ['a body of another type', ({ adminToken }) => post(CLIENTS, 'x', 'text/plain', bearer(adminToken)), 415, PROBLEM],
  ['another method', { path: CLIENTS, method: 'PUT' }, 405, { ...PROBLEM, ...allow('GET, HEAD, POST') }],
];

/** The document of an error at an address that no route fits. */
const UNMATCHED: readonly (readonly [document: Headers, json: number, paths: readonly string[]])[] = [
  [PROBLEM, 415, ['/admin', '/admin/', '/admin/x']],
  [JSON_TEXT, 400, ['/oauth', '/oauth/x', `${USERINFO}x`, `${USERINFO}/x`]],
  [JSON_TEXT, 415, ['/.well-known', '/.well-known/x', '/health', '/health/x', '/metrics/x']],
  [PAGE, 415, [`${AUTHORIZE}x`, `${AUTHORIZE}/x`, '/oauth/v2/oauth-session', '/oauth/v2/oauth-session/end']],
  [PAGE, 415, ['/administrators', '/oauthx', '/.well-knownx', '/healthy', '/nothing', '/login/x', '/account/x', '/styles/x.css']],
];

/** `json` is the status for JSON where a form is expected: 415, or 400 in the words of the token endpoint (RFC 6749 §5.2). */
const unmatched = UNMATCHED.flatMap(([document, json, paths]) => paths.flatMap((path): Case[] => [
  [`GET ${path}`, get(path), 404, document],
  [`a broken query of ${path}`, get(`${path}?a=%ff`), 404, document],
  [`a body of another type for ${path}`, post(path, 'x', 'text/plain'), 404, document],
  [`JSON for ${path}`, post(path, '{}', 'application/json'), json, document],
  [`a broken form for ${path}`, post(path, 'a=%ff', FORM), 400, document],
]));

describe('status and headers', () => {
  let server: TestServer;
  let known: Known;
  beforeAll(async () => {
    server = await startServer();
    const [client, user, adminToken] = await Promise.all([aClient(server), aUser(server), server.admin.token()]);
    const { access_token: accessToken } = await obtainTokens({ server, client, user });
    const browser = new Browser(server.url);
    const page = await browser.get('/login');
    await logIn(browser, page, user);
    const stylesheet = /<link rel="stylesheet" href="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    known = { client, accessToken, adminToken, stylesheet, cookie, loginForm: page.form().fields };
  });
  afterAll(() => server.close());

  async function answer({ path, ...init }: Sent): Promise<readonly [status: number, headers: Headers]> {
    const response = await fetch(server.url + path, { redirect: 'manual', ...init });
    await response.arrayBuffer();
    return [response.status, Object.fromEntries([...response.headers].filter(([name]) => !CHANGING.includes(name)))];
  }

  describe.each([
    ['an OAuth endpoint', OAUTH_ENDPOINT],
    ['a protected resource', PROTECTED_RESOURCE],
    ['the authorization endpoint', AUTHORIZATION_ENDPOINT],
    ['pages', PAGES],
    ['assets', ASSETS],
    ['public documents', PUBLIC_DOCUMENTS],
    ['endpoints of operators', OPERATORS],
    ['the administration', ADMINISTRATION],
    ['addresses that no route fits', unmatched],
  ] as const)('of %s', (_kind, cases) => {
    it.each(cases)('%s', async (_what, sent, status, headers) => {
      const request = typeof sent === 'function' ? sent(known) : sent;
      expect(await answer(request)).toEqual([status, { ...EVERY_ANSWER, ...headers }]);
    });
  });
});
