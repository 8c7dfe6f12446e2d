import { randomBytes } from 'node:crypto';
import { Admin } from '#test/admin.js';
import { Browser } from '#test/browser.js';
import { type Collector, startCollector } from '#test/trace-collector.js';
import { createDatabase, dropDatabase } from '#test/database.js';
import { AUTHORIZE, authorizePath, logIn, obtainCode, postForm, redeem, refresh, TOKEN } from '#test/flow.js';
import { readMetrics } from '#test/metrics.js';
import { aClient, aPublicClient, aUser } from '#test/fixtures.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import { PKCE, tokensOf, userinfo, VERIFIER } from '#test/tokens.js';
import { addSecret, type Secrets, secretsIn, captureSecrets } from '#test/http-secrets.js';

const PARENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
const traceparent = `00-${PARENT.traceId}-${PARENT.spanId}-01`;

/** Sends every kind of secret, in the right place and in wrong ones. */
async function sendEveryKindOfRequest(server: { url: string; admin: Admin }): Promise<void> {
  const client = await aClient(server, { require_consent: true });
  const user = await aUser(server);
  await signUp(server.url);

  const parameters = { scope: 'openid profile offline_access', state: 'a-state-of-the-client', nonce: 'a-nonce-of-the-client' };
  const browser = new Browser(server.url);
  const page = await browser.follow(await browser.get(authorizePath(client, parameters), { traceparent }));
  await logIn(browser, page, { ...user, password: 'a-password-that-is-wrong' });
  const code = await obtainCode({ server, client, user, parameters, browser });
  const { access_token: accessToken, refresh_token: first, id_token: idToken } = tokensOf(await redeem(server, client, code));
  await userinfo(server, accessToken);
  await refresh(server, client, first);
  await redeem(server, client, code);
  await refresh(server, client, first);
  await browser.get(authorizePath(client, { ...parameters, id_token_hint: idToken, prompt: 'none' }));

  const inBody = await aClient(server, { token_endpoint_auth_method: 'client_secret_post' });
  const { client_id, client_secret, redirect_uri } = inBody;
  const second = await obtainCode({ server, client: inBody, user, browser });
  await postForm(server.url + TOKEN, { grant_type: 'authorization_code', code: second, client_id, client_secret, redirect_uri });
  const open = await aPublicClient(server);
  const third = await obtainCode({ server, client: open, user, parameters: PKCE, browser });
  await redeem(server, open, third, { code_verifier: VERIFIER });

  await misplaceSecrets(server.url, { accessToken, idToken, code, secret: client.client_secret, clientId: client.client_id });
  await rotateSecrets(server.admin, client.client_id);
  await changePassword(browser, user.password);
  await browser.submit(await browser.get('/logout'));
}

async function signUp(url: string): Promise<void> {
  const browser = new Browser(url);
  const page = await browser.get('/signup');
  await browser.submit(page, { username: 'newcomer', password: 'short' });
  await browser.submit(page, { username: 'newcomer', password: 'the-password-of-a-newcomer' });
}

interface SecretValues {
  readonly accessToken: string;
  readonly idToken: string;
  readonly code: string;
  readonly secret: string;
  readonly clientId: string;
}

/** Sends malformed requests, misplaced parameters and wrong paths, as faulty clients do. */
async function misplaceSecrets(url: string, { accessToken, idToken, code, secret, clientId }: SecretValues): Promise<void> {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const json = { 'content-type': 'application/json' };
  await fetch(`${url}${TOKEN}?client_secret=${secret}&code=${code}`, { method: 'POST', headers: form, body: `code=${code}&code=${code}` });
  await fetch(`${url}${TOKEN}`, { method: 'POST', headers: json, body: JSON.stringify({ client_secret: secret }) });
  await fetch(`${url}/oauth/v2/oauth-userinfo?access_token=${accessToken}`);
  await fetch(`${url}/oauth/v2/oauth-userinfo`, { headers: { authorization: `Bearer ${accessToken} ${accessToken}` } });
  await fetch(`${url}/${code}/${accessToken}`, { headers: { authorization: `Basic ${secret}`, cookie: `gatehouse-session=${secret}` } });
  await fetch(`${url}/errors/${code}`, { method: 'DELETE' });
  await fetch(`${url}/admin/v1/clients/${code}?secret=${secret}`, { headers: { authorization: `Bearer ${idToken}` } });
  await fetch(`${url}/admin/v1/users`, { method: 'POST', headers: json, body: `{"password":"${secret}",` });
  await fetch(`${url}/%zz?code=${code}`);
  await fetch(`${url}/login?request=${code}`, { method: 'POST', headers: form, body: `password=${secret}&csrf_token=${code}` });
  await fetch(`${url}${AUTHORIZE}?client_id=${clientId}&redirect_uri=http://x/callback?code=${code}`, { redirect: 'manual' });
  await fetch(`${url}${AUTHORIZE}?client_id=${secret}&state=${code}&redirect_uri=http://x/${code}`, { redirect: 'manual' });
}

async function rotateSecrets(admin: Admin, clientId: string): Promise<void> {
  const path = `/clients/${clientId}/secrets`;
  expect((await admin.post(path, { retire_others_in: 60 })).status).toBe(201);
  await admin.post(path, { secret: 'no-secret-is-taken-from-outside' });
  await admin.get(path);
}

async function changePassword(browser: Browser, password: string): Promise<void> {
  const { body } = await browser.get('/account');
  const token = /name="csrf_token" value="([^"]+)"/.exec(body)?.[1] ?? '';
  for (const current of ['not-the-current-password', password]) {
    await browser.post('/account/change-password', { csrf_token: token, current, next: 'the-password-of-tomorrow' });
  }
}

describe('a server with the log level trace, metrics and spans', () => {
  const own = { secret: randomBytes(32).toString('base64'), admin: randomBytes(32).toString('base64url') };
  let secrets: Secrets;
  let requests: number;
  let collector: Collector;
  let database: string;
  let server: ServerProcess;
  let metrics: string;

  beforeAll(async () => {
    collector = await startCollector();
    database = await createDatabase();
    server = await spawnServer({
      DATABASE_URL: database,
      GATEHOUSE_SECRET: own.secret,
      GATEHOUSE_ADMIN_SECRET: own.admin,
      GATEHOUSE_METRICS_PORT: '0',
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: 'gatehouse-under-test',
    });
    const capture = captureSecrets();
    try {
      await sendEveryKindOfRequest({ url: server.url, admin: new Admin(server.url, own.admin) });
    } finally {
      capture.stop();
    }
    ({ secrets } = capture);
    requests = capture.requests();
    addSecret(secrets, 'GATEHOUSE_SECRET', own.secret);
    addSecret(secrets, 'GATEHOUSE_ADMIN_SECRET', own.admin);
    addSecret(secrets, 'DATABASE_URL', database);
    addSecret(secrets, 'password of the database', new URL(database).password);
    const url = /"url":"([^"]+\/metrics)"/.exec(server.output())?.[1] ?? '';
    metrics = JSON.stringify(await readMetrics(url));
    expect(await server.stop()).toBe(0);
  }, 120_000);
  afterAll(async () => {
    collector.close();
    await dropDatabase(database);
  });

  it('received secrets of every kind, and logged a line for each request', () => {
    const kinds = ['password', 'current', 'next', 'code', 'code_verifier', 'client_secret', 'access_token', 'refresh_token', 'id_token'];
    const others = ['csrf_token', 'request', 'authorization', 'cookie', 'secret', 'state', 'nonce', 'GATEHOUSE_SECRET', 'DATABASE_URL'];
    expect([...secrets.keys()]).toEqual(expect.arrayContaining([...kinds, ...others]));
    expect(requests).toBeGreaterThan(40);
    const lines = server.output().split('\n').filter((line) => line.includes('"msg":"request"'));
    // A path that the router refuses is not logged.
    expect(lines.length).toBeGreaterThanOrEqual(requests - 1);
    for (const route of ['/login', '/consent', '/signup', '/logout', '/account/change-password', TOKEN, AUTHORIZE]) {
      expect(lines.some((line) => line.includes(`"route":"${route}"`))).toBe(true);
    }
  });

  it('has none of them in its log, its metrics or its spans', () => {
    expect(secretsIn(server.output(), secrets)).toEqual([]);
    expect(secretsIn(metrics, secrets)).toEqual([]);
    expect(secretsIn(collector.text(), secrets)).toEqual([]);
  });

  it.each([['plain', (secret: string) => secret], ['in a URL', encodeURIComponent], ['in base64', btoa]] as const)(
    'a secret in the log would be found: %s',
    (_, encode) => {
      const [code = ''] = secrets.get('code') ?? [];
      expect(secretsIn(`${server.output()}{"msg":"x${encode(code)}y"}`, secrets)).toContain('code');
    },
  );

  it('sent a span for every request, with the parent of the caller, and below it spans of the commands', () => {
    const spans = collector.spans();
    const served = spans.filter(({ kind }) => kind === 2);
    expect(served.length).toBeGreaterThanOrEqual(requests - 1);
    const called = served.find(({ traceId }) => traceId === PARENT.traceId);
    expect(called).toMatchObject({ parentSpanId: PARENT.spanId, name: `GET ${AUTHORIZE}` });
    expect(called?.attributes).toContainEqual({ key: 'http.response.status_code', value: { intValue: 303 } });
    const children = spans.filter(({ parentSpanId }) => parentSpanId === called?.spanId);
    expect(children.map(({ name }) => name)).toContain('BeginAuthorization');
    expect(collector.text()).toContain('gatehouse-under-test');
  });

  it('logs each request under the trace ID of its span', () => {
    const lines = server.output().split('\n').filter((line) => line.includes('"msg":"request"'));
    const logged = lines.map((line) => (JSON.parse(line) as { trace_id: string }).trace_id);
    const traced = collector.spans().filter(({ kind }) => kind === 2).map(({ traceId }) => traceId);
    expect(logged.toSorted()).toEqual(traced.toSorted());
    expect(logged).toContain(PARENT.traceId);
  });
});
