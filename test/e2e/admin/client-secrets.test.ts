import { basic, postForm, TOKEN, type TokenAnswer } from '#test/flow.js';
import { sql } from '#test/database.js';
import { startServer, type TestServer } from '#test/server.js';

interface Secret extends Record<string, unknown> {
  readonly id: string;
  readonly client_secret: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

let count = 0;
async function aScript(): Promise<{ client_id: string; client_secret: string }> {
  count += 1;
  const document = { client_id: `script-${String(count)}`, grant_types: ['client_credentials'], scope: 'read' };
  const { status, body } = await server.admin.post<{ client_id: string; client_secret: string }>('/clients', document);
  expect(status).toBe(201);
  return body;
}

function use(client_id: string, client_secret: string): Promise<TokenAnswer> {
  return postForm(server.url + TOKEN, { grant_type: 'client_credentials' }, { authorization: basic({ client_id, client_secret }) });
}

const list = async (clientId: string) => (await server.admin.get<{ items: Secret[] }>(`/clients/${clientId}/secrets`)).body.items;
const reset = (clientId: string, body: unknown = {}) => server.admin.post<Secret>(`/clients/${clientId}/secrets`, body);

describe('the secrets of a client', () => {
  it('R7: are shown once, when they are created, and listed without values', async () => {
    const { client_id, client_secret } = await aScript();
    const made = await reset(client_id);
    expect(made).toMatchObject({ status: 201, body: { client_secret: expect.stringMatching(/^[\w-]{43}$/) } });
    expect(made.headers.get('location')).toBe(`${server.issuer}/admin/v1/clients/${client_id}/secrets/${made.body.id}`);
    const listed = await list(client_id);
    expect(listed.map((secret) => Object.keys(secret))).toEqual(Array(2).fill(['id', 'created_at', 'expires_at', 'last_used_at']));
    const shown = JSON.stringify([listed, (await server.admin.get(`/clients/${client_id}`)).body]);
    expect(shown).not.toContain(client_secret);
    expect(shown).not.toContain(made.body.client_secret);
  });

  it('R7: are stored as hashes only', async () => {
    const { client_id, client_secret } = await aScript();
    const rows = await sql(server.databaseUrl, 'SELECT s::text FROM client_secrets s UNION ALL SELECT o::text FROM outbox o', []);
    expect(JSON.stringify(rows)).toContain(client_id);
    expect(JSON.stringify(rows)).not.toContain(client_secret);
  });

  it('R7: stay valid beside a new one for retire_others_in seconds', async () => {
    const { client_id, client_secret } = await aScript();
    const { body } = await reset(client_id, { retire_others_in: 60 });
    expect([(await use(client_id, client_secret)).status, (await use(client_id, body.client_secret)).status]).toEqual([200, 200]);
    server.clock.advance(61);
    expect(await use(client_id, client_secret)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect((await use(client_id, body.client_secret)).status).toBe(200);
  });

  it('R7: end at once with retire_others_in 0', async () => {
    const { client_id, client_secret } = await aScript();
    const { body } = await reset(client_id, { retire_others_in: 0 });
    expect([(await use(client_id, client_secret)).status, (await use(client_id, body.client_secret)).status]).toEqual([401, 200]);
    expect(await list(client_id)).toHaveLength(1);
  });

  it('can be removed one by one', async () => {
    const { client_id, client_secret } = await aScript();
    const [first] = await list(client_id);
    expect((await use(client_id, client_secret)).status).toBe(200);
    expect((await server.admin.call('DELETE', `/clients/${client_id}/secrets/${first!.id}`)).status).toBe(204);
    expect((await use(client_id, client_secret)).status).toBe(401);
    for (const id of [first!.id, 'nothing', '%00']) {
      expect((await server.admin.call('DELETE', `/clients/${client_id}/secrets/${id}`)).status).toBeGreaterThanOrEqual(400);
      expect((await server.admin.call('DELETE', `/clients/${client_id}/secrets/${id}`)).status).toBeLessThan(500);
    }
  });

  it('have the time of their last use', async () => {
    const { client_id, client_secret } = await aScript();
    expect(await list(client_id)).toMatchObject([{ last_used_at: null }]);
    await use(client_id, client_secret);
    for (let tries = 0; tries < 50 && (await list(client_id))[0]?.last_used_at === null; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await list(client_id)).toMatchObject([{ last_used_at: expect.stringMatching(/^\d{4}-.*Z$/) }]);
  });

  it('are limited in number', async () => {
    const { client_id } = await aScript();
    const made = await Promise.all(Array.from({ length: 12 }, () => reset(client_id)));
    expect(made.filter(({ status }) => status === 201)).toHaveLength(9);
    expect(made.filter(({ status }) => status === 409)).toHaveLength(3);
    expect(await list(client_id)).toHaveLength(10);
  });

  it('are refused for a public client, for an unknown client, and with a wrong field', async () => {
    await server.admin.post('/clients', { client_id: 'open', token_endpoint_auth_method: 'none', redirect_uris: ['https://a.example'] });
    expect((await reset('open')).status).toBe(409);
    expect((await reset('nobody')).status).toBe(404);
    expect((await server.admin.get('/clients/nobody/secrets')).status).toBe(404);
    for (const [field, value] of [['retire_others_in', -1], ['retire_others', 1]] as const) {
      const wrong = { status: 400, body: { errors: [{ pointer: `/${field}` }] } };
      expect(await reset('open', { [field]: value })).toMatchObject(wrong);
    }
  });

  it('are refused after the client is disabled or removed', async () => {
    const { client_id, client_secret } = await aScript();
    await server.admin.call('PATCH', `/clients/${client_id}`, { body: { enabled: false }, headers: { 'if-match': '*' } });
    expect((await use(client_id, client_secret)).status).toBe(401);
    await server.admin.call('PATCH', `/clients/${client_id}`, { body: { enabled: true }, headers: { 'if-match': '*' } });
    expect((await use(client_id, client_secret)).status).toBe(200);
    await server.admin.call('DELETE', `/clients/${client_id}`, { headers: { 'if-match': '*' } });
    expect((await use(client_id, client_secret)).status).toBe(401);
  });
});
