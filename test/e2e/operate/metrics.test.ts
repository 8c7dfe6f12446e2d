import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { Browser } from '#test/browser.js';
import { authorizePath, logIn, obtainCode, redeem, refresh, requestTokens } from '#test/flow.js';
import { readMetrics, type Sample, valueOf } from '#test/metrics.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { delivered, tokensOf } from '#test/tokens.js';

describe('the metrics', () => {
  let server: TestServer;
  let client: TestClient;
  let user: TestUser;
  beforeAll(async () => {
    server = await startServer();
    client = await aClient(server);
    user = await aUser(server);
  });
  afterAll(() => server.close());

  const read = (): Promise<Sample[]> => readMetrics(`${server.url}/metrics`);

  /** By how much each counter has increased during `work`. */
  async function increase(work: () => Promise<unknown>): Promise<(name: string, labels?: Sample['labels']) => number> {
    const before = await read();
    await work();
    const after = await read();
    return (name, labels) => valueOf(after, `gatehouse_${name}`, labels) - valueOf(before, `gatehouse_${name}`, labels);
  }

  it('count each step of a flow once: login, code, redemption, replay, refresh, reuse', async () => {
    const increased = await increase(async () => {
      const code = await obtainCode({ server, client, user, parameters: { scope: 'openid offline_access' } });
      const { refresh_token: first } = tokensOf(await redeem(server, client, code));
      await refresh(server, client, first);
      expect((await redeem(server, client, code)).body).toMatchObject({ error: 'invalid_grant' });
      expect((await refresh(server, client, first)).body).toMatchObject({ error: 'invalid_grant' });
    });
    expect(['issued', 'redeemed', 'replayed'].map((outcome) => increased('codes_total', { outcome }))).toEqual([1, 1, 1]);
    expect(increased('logins_total', { result: 'success' })).toBe(1);
    expect(increased('grants_total', { grant_type: 'authorization_code', result: 'success' })).toBe(1);
    expect(increased('grants_total', { grant_type: 'authorization_code', result: 'invalid_grant' })).toBe(1);
    expect(increased('grants_total', { grant_type: 'refresh_token', result: 'success' })).toBe(1);
    expect(increased('grants_total', { grant_type: 'refresh_token', result: 'invalid_grant' })).toBe(1);
    expect(increased('events_total', { type: 'gatehouse.authorization.grant-revoked.v1' })).toBe(1);
    const tokenRequests = { method: 'POST', route: '/oauth/v2/oauth-token' };
    expect(increased('http_requests_total', { ...tokenRequests, status: '2xx' })).toBe(2);
    expect(increased('http_requests_total', { ...tokenRequests, status: '4xx' })).toBe(2);
    expect(increased('http_request_duration_seconds_count', tokenRequests)).toBe(4);
  });

  it('count refused and throttled logins separately', async () => {
    const increased = await increase(async () => {
      const browser = new Browser(server.url);
      let page = await browser.follow(await browser.get(authorizePath(client)));
      for (let attempt = 0; attempt < 12 && page.status !== 429; attempt++) {
        page = await logIn(browser, page, { ...user, password: 'wrong-one' });
      }
      expect(page.status).toBe(429);
    });
    expect(increased('logins_total', { result: 'refused' })).toBeGreaterThan(1);
    expect(increased('logins_total', { result: 'slow-down' })).toBe(1);
    expect(increased('logins_total', { result: 'success' })).toBe(0);
  });

  it('have no label with a value of the caller', async () => {
    const madeUp = 'made-up-by-the-caller';
    const increased = await increase(async () => {
      await requestTokens(server, client, { grant_type: madeUp });
      await requestTokens(server, { ...client, client_secret: madeUp }, { grant_type: madeUp });
      await fetch(`${server.url}/${madeUp}`);
      await fetch(`${server.url}/errors/${madeUp}`);
      await fetch(server.url, { method: 'PROPFIND' });
    });
    expect(increased('grants_total', { grant_type: 'other', result: 'unsupported_grant_type' })).toBe(1);
    expect(increased('grants_total', { grant_type: 'other', result: 'invalid_client' })).toBe(1);
    expect(increased('http_requests_total', { route: 'none' })).toBeGreaterThanOrEqual(1);
    expect(JSON.stringify(await read())).not.toMatch(/made-up|PROPFIND/);
  });

  it('have the size of the outbox, the age of its oldest event, and the connections of the pool', async () => {
    await delivered(server);
    expect(valueOf(await read(), 'gatehouse_outbox_waiting')).toBe(0);
    // With this lock the relay cannot move events out of the outbox.
    const relay = new Client({ connectionString: server.databaseUrl });
    await relay.connect();
    await relay.query("SELECT pg_advisory_lock(hashtextextended('gatehouse:event-log', 0))");
    await relay.query(
      `INSERT INTO outbox (id, type, subject, time, data)
       SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'waiting', 'x', $1::timestamptz + n * interval '1 s', '{}'
       FROM generate_series(1, 2) AS n`,
      [new Date(server.clock.now().getTime() - 90_000)],
    );
    const samples = await read();
    await relay.end();
    expect(valueOf(samples, 'gatehouse_outbox_waiting')).toBe(2);
    expect(valueOf(samples, 'gatehouse_outbox_oldest_seconds')).toBeCloseTo(89, 0);
    expect(valueOf(samples, 'gatehouse_database_connections', { state: 'total' })).toBeGreaterThan(0);
    expect(valueOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(valueOf(samples, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('are those of docs/operations.md, with their labels', async () => {
    const rows = readFileSync(join(process.cwd(), 'docs/operations.md'), 'utf8').matchAll(/^\| `(gatehouse_\w+)` \| ([^|]*) ?\|/gm);
    const documented = [...rows].map(([, name = '', labels = '']) => `${name} ${[...labels.matchAll(/`(\w+)`/g)].map(([, one]) => one).join(' ')}`);
    const printed = (await read()).filter(({ name }) => name.startsWith('gatehouse_')).map(({ name, labels }) =>
      `${name.replace(/_(bucket|sum|count)$/, '')} ${Object.keys(labels).filter((label) => label !== 'le').join(' ')}`);
    expect(documented.length).toBeGreaterThan(5);
    expect(documented.toSorted()).toEqual([...new Set(printed)].toSorted());
  });
});
