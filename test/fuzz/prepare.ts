/** Prepares a run: clients of every kind, users, browsers with sessions, codes and tokens. */
import { randomBytes } from 'node:crypto';
import { Admin } from '#test/admin.js';
import { sendAlone } from './connections.js';
import { cookieHeader, type FuzzBrowser, type FuzzClient, Pool } from './pool.js';
import { requestOf } from './framing.js';
import type { FuzzedServer } from './fuzzed-server.js';

const USERS = 8;
const BROWSERS = 32;
const LOGGED_IN = 24;
/** The number of requests that fill the pool before the run. */
const WARM_UP = 400;
const WARM_UP_SEED = 0x7761_726d;

const SCOPE = 'openid profile email address phone offline_access';
const CALLBACK = 'https://rp.example/callback';
const CLIENTS: readonly Readonly<Record<string, unknown>>[] = [
  { redirect_uris: [CALLBACK], scope: SCOPE },
  {
    redirect_uris: [CALLBACK, `${CALLBACK}?kept=1`],
    scope: SCOPE,
    token_endpoint_auth_method: 'client_secret_post',
    require_consent: true,
  },
  {
    redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'http://localhost/callback'],
    scope: SCOPE,
    token_endpoint_auth_method: 'none',
  },
  {
    redirect_uris: ['com.example.app:/callback'],
    scope: SCOPE,
    token_endpoint_auth_method: 'none',
    require_consent: true,
    refresh_token_grace: 0,
  },
  {
    redirect_uris: [CALLBACK],
    scope: SCOPE,
    id_token_signed_response_alg: 'ES256',
    code_challenge_methods: ['S256', 'plain'],
    default_scope: 'openid',
  },
  { redirect_uris: [CALLBACK], scope: 'openid email', refresh_token_lifetime: null, require_pkce: true, default_max_age: 60 },
  { grant_types: ['client_credentials'], response_types: [], scope: 'api:read api:write', default_scope: 'api:read' },
];

export async function preparePool(server: FuzzedServer): Promise<Pool> {
  const admin = new Admin(server.url, server.adminSecret);
  const pool = new Pool({
    clientId: 'admin',
    secret: server.adminSecret,
    method: 'client_secret_basic',
    redirectUris: [],
    scope: '',
  });
  for (const metadata of CLIENTS) await addClient(pool, admin, metadata);
  await Promise.all(Array.from({ length: USERS }, (_, index) => addUser(pool, admin, index)));
  for (let left = BROWSERS; left > 0; left -= 1) pool.browsers.push({ cookies: new Map(), csrf: '' });
  for (const browser of pool.browsers.slice(0, LOGGED_IN)) await logIn(server, pool, browser);
  pool.adminTokens.add(await admin.token());
  await warmUp(server, pool);
  return pool;
}

async function addClient(pool: Pool, admin: Admin, metadata: Readonly<Record<string, unknown>>): Promise<void> {
  const clientId = `fixed-${randomBytes(4).toString('hex')}`;
  const { status, body } = await admin.post('/clients', { client_id: clientId, client_name: 'A fixed client', ...metadata });
  if (status !== 201) throw new Error(`could not register a client: ${JSON.stringify(body)}`);
  const { client_secret: secret = '', redirect_uris: uris, token_endpoint_auth_method: method, scope } = body;
  const client: FuzzClient = {
    clientId,
    secret: String(secret),
    method: String(method),
    redirectUris: uris as string[],
    scope: String(scope),
  };
  pool.clients.push(client);
  for (const uri of client.redirectUris) pool.redirectUris.add(uri);
}

async function addUser(pool: Pool, admin: Admin, index: number): Promise<void> {
  const user = {
    username: `fixed-${String(index)}-${randomBytes(4).toString('hex')}`,
    password: randomBytes(12).toString('base64url'),
  };
  const profile = { name: 'Fixed User', email: 'fixed@example.com', address: { country: 'FR' }, phone_number: '+49 30 123456' };
  const { status, body } = await admin.post('/users', { ...user, ...profile });
  if (status !== 201) throw new Error(`could not create a user: ${JSON.stringify(body)}`);
  pool.users.push(user);
}

async function logIn(server: FuzzedServer, pool: Pool, browser: FuzzBrowser): Promise<void> {
  const user = pool.users[pool.browsers.indexOf(browser) % pool.users.length];
  if (user === undefined) throw new Error('there are no users');
  const login = new LoginPage(server, pool, browser);
  await login.send();
  const form = new URLSearchParams({ csrf_token: browser.csrf, ...user }).toString();
  const status = await login.send(form);
  if (status !== 303) throw new Error(`could not log in: ${String(status)}`);
}

/** The login page in one browser. */
class LoginPage {
  constructor(
    private readonly server: FuzzedServer,
    private readonly pool: Pool,
    private readonly browser: FuzzBrowser,
  ) {}

  /** Requests the page, or sends its form. */
  async send(form?: string): Promise<number> {
    const typed = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(`${this.server.url}/login`, {
      method: form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: cookieHeader(this.browser), ...(form !== undefined && typed) },
      ...(form !== undefined && { body: form }),
    });
    const headers = new Map([
      ['set-cookie', response.headers.getSetCookie()],
      ['content-type', [response.headers.get('content-type') ?? '']],
    ]);
    this.pool.learnFromPage(this.browser, { status: response.status, headers, body: Buffer.from(await response.arrayBuffer()) });
    return response.status;
  }
}

/** Sends valid requests one after another, so the pool has codes, tokens and handles. */
async function warmUp(server: FuzzedServer, pool: Pool): Promise<void> {
  for (let number = 0; number < WARM_UP; number += 1) {
    const request = requestOf(WARM_UP_SEED, number, pool);
    if (request.delivery === 'shared' && request.mutations.length === 0) {
      await sendAlone(
        server,
        request,
        { answered: (_request, answer) => request.draft.learn?.(answer), closed: () => undefined, failed: () => undefined },
      );
    }
  }
}
