import { basic, postForm, TOKEN } from '#test/flow.js';
import { createDatabase, dropDatabase, sql } from '#test/database.js';
import { startServer, type TestServer } from '#test/server.js';

const CREDENTIALS = { grant_type: 'client_credentials' };

async function use({ url }: TestServer, client: { client_id: string; client_secret: string }): Promise<number> {
  return (await postForm(url + TOKEN, CREDENTIALS, { authorization: basic(client) })).status;
}

async function aScript({ admin }: TestServer) {
  const { body } = await admin.post<{ client_id: string; client_secret: string }>('/clients', { grant_types: ['client_credentials'] });
  return body;
}

async function eventually(expected: unknown, look: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await look()) === expected) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  expect(await look()).toBe(expected);
}

describe('two servers on one database', () => {
  let one: TestServer;
  let other: TestServer;
  beforeAll(async () => {
    one = await startServer();
    other = await startServer({ besides: one });
  });
  afterAll(async () => {
    await other.close();
    await one.close();
  });

  const disable = (clientId: string, enabled = false) =>
    one.admin.call('PATCH', `/clients/${clientId}`, { body: { enabled }, headers: { 'if-match': '*' } });

  it('both use a change of one of them, whatever they have cached', async () => {
    const client = await aScript(one);
    expect([await use(one, client), await use(other, client)]).toEqual([200, 200]);
    await disable(client.client_id);
    expect(await use(one, client)).toBe(401);
    await eventually(401, () => use(other, client));
    await disable(client.client_id, true);
    expect(await use(one, client)).toBe(200);
    await eventually(200, () => use(other, client));
    await one.admin.call('DELETE', `/clients/${client.client_id}`, { headers: { 'if-match': '*' } });
    await eventually(401, () => use(other, client));
  });

  it('both find a client that they looked up before it was registered', async () => {
    const early = { client_id: 'early', client_secret: 'x'.repeat(43) };
    expect([await use(one, early), await use(other, early)]).toEqual([401, 401]);
    const { body } = await one.admin.post<typeof early>('/clients', { client_id: 'early', grant_types: ['client_credentials'] });
    await eventually(200, () => use(other, body));
    expect(await use(one, body)).toBe(200);
  });

  it('both read the stored client for an administrator', async () => {
    const { client_id } = await aScript(one);
    await other.admin.get(`/clients/${client_id}`);
    await disable(client_id);
    expect((await other.admin.get(`/clients/${client_id}`)).body).toMatchObject({ enabled: false });
  });

  it('do not use their cache while notifications cannot arrive, and use it again afterwards', async () => {
    const client = await aScript(one);
    expect(await use(other, client)).toBe(200);
    const listening = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND (query LIKE 'LISTEN gatehouse_client%' OR query = 'SELECT 1')`;
    const enable = 'UPDATE clients SET metadata = jsonb_set(metadata, array[$2], $3) WHERE client_id = $1';
    await sql(one.databaseUrl, listening);
    await sql(one.databaseUrl, enable, [client.client_id, 'enabled', 'false']);
    await eventually(401, () => use(other, client));
    await sql(one.databaseUrl, enable, [client.client_id, 'enabled', 'true']);
    await sql(one.databaseUrl, listening);
    await eventually(200, () => use(other, client));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await disable(client.client_id);
    await eventually(401, () => use(other, client));
  });
});

describe('the first administrator', () => {
  let databaseUrl: string;
  beforeEach(async () => {
    databaseUrl = await createDatabase();
  });
  afterEach(() => dropDatabase(databaseUrl));

  const keys = 'one-key-for-every-start-on-this-database';
  const start = (secret: string) =>
    startServer({ databaseUrl, env: { GATEHOUSE_SECRET: keys, GATEHOUSE_ADMIN_SECRET: secret } });

  it('is created once by two servers that start at the same time', async () => {
    const servers = await Promise.all([start('a-secret-of-the-administrator-1'), start('a-secret-of-the-administrator-1')]);
    const client = { client_id: 'admin', client_secret: 'a-secret-of-the-administrator-1' };
    expect(await Promise.all(servers.map((server) => use(server, client)))).toEqual([200, 200]);
    expect(await sql(databaseUrl, 'SELECT client_id FROM client_secrets')).toEqual([{ client_id: 'admin' }]);
    await Promise.all(servers.map((server) => server.close()));
  });

  it('gets the configured secret, and the previous one is refused', async () => {
    const [before, after] = ['a-secret-of-the-administrator-1', 'a-secret-of-the-administrator-2'];
    await (await start(before)).close();
    const server = await start(after);
    expect(await use(server, { client_id: 'admin', client_secret: before })).toBe(401);
    expect(await use(server, { client_id: 'admin', client_secret: after })).toBe(200);
    await server.close();
  });

  it('gets a generated secret if none is configured', async () => {
    const server = await start('');
    expect(await sql(databaseUrl, 'SELECT client_id FROM client_secrets')).toEqual([{ client_id: 'admin' }]);
    await server.close();
    await (await start('')).close();
    expect(await sql(databaseUrl, 'SELECT client_id FROM client_secrets')).toEqual([{ client_id: 'admin' }]);
  });

  it('is not created with a secret that is too short', async () => {
    await expect(start('short')).rejects.toThrow(
      'GATEHOUSE_ADMIN_SECRET cannot be used (must have at least 16 characters): set another one.',
    );
  });
});
