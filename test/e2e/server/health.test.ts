import { startServer, type TestServer } from '#test/server.js';

describe('health', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  it.each(['/health/live', '/health/ready'])('%s answers ok', async (path) => {
    const response = await fetch(server.url + path);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
