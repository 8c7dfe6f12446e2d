import { setTimeout as pause } from 'node:timers/promises';
import { Browser } from '#test/browser.js';
import { createDatabase, dropDatabase } from '#test/database.js';
import { readMetrics, valueOf } from '#test/metrics.js';
import { type Proxy, startProxy } from '#test/tcp-proxy.js';
import { startServer, type TestServer } from '#test/server.js';

describe('without its database, the server', () => {
  let database: string;
  let proxy: Proxy;
  let server: TestServer;
  beforeAll(async () => {
    database = await createDatabase();
    const url = new URL(database);
    proxy = await startProxy(url.hostname, Number(url.port));
    url.host = `127.0.0.1:${String(proxy.port)}`;
    server = await startServer({ databaseUrl: url.href });
  });
  afterAll(async () => {
    await server.close();
    await proxy.close();
    await dropDatabase(database);
  });
  afterEach(() => proxy.restore());

  async function statusWhenBack(path: string): Promise<number> {
    for (let attempt = 0; attempt < 50; attempt++) {
      const { status } = await fetch(server.url + path);
      if (status !== 503) return status;
      await pause(100);
    }
    return 503;
  }

  it.each(['/health/ready', '/oauth/v2/oauth-authorize?response_type=code&client_id=anybody'])(
    'answers %s with a 503 and Retry-After, and recovers by itself',
    async (path) => {
      const before = (await fetch(server.url + path)).status;
      proxy.cut();
      const response = await fetch(server.url + path);
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(5);
      expect(await response.text()).not.toMatch(/ECONN|postgres|at .*\.[jt]s/i);
      proxy.restore();
      expect(await statusWhenBack(path)).toBe(before);
    },
  );

  it('has metrics, with NaN for those that need the database', async () => {
    proxy.cut();
    const samples = await readMetrics(`${server.url}/metrics`);
    expect(valueOf(samples, 'gatehouse_outbox_waiting')).toBeNaN();
    expect(valueOf(samples, 'gatehouse_http_requests_total', { status: '5xx' })).toBeGreaterThan(0);
  });

  it('answers a token request with a 503 and the error temporarily_unavailable', async () => {
    proxy.cut();
    const authorization = `Basic ${Buffer.from('anybody:anything').toString('base64')}`;
    const body = new URLSearchParams({ grant_type: 'authorization_code', code: 'x' });
    const response = await fetch(`${server.url}/oauth/v2/oauth-token`, { method: 'POST', headers: { authorization }, body });
    expect([response.status, await response.json()]).toEqual([
      503,
      {
        error: 'temporarily_unavailable',
        error_description: expect.any(String),
        error_uri: `${server.issuer}/errors/temporarily_unavailable`,
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it('waits for the database if it starts before it', async () => {
    proxy.cut();
    const starting = startServer({ besides: server });
    await pause(1500);
    proxy.restore();
    const late = await starting;
    expect((await fetch(`${late.url}/health/ready`)).status).toBe(200);
    await late.close();
  });

  it('keeps running, and serves pages that need no database', async () => {
    proxy.cut();
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    expect((await new Browser(server.url).get('/login')).status).toBe(200);
  });
});
