import { startServer, type TestServer } from '#test/server.js';

interface Page {
  readonly items: readonly { readonly client_id: string }[];
}

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
  for (const id of ['a1', 'a2', 'a3', 'B1', '~z', 'a%', 'a_']) await make(id);
});
afterAll(() => server.close());

async function make(clientId: string, name: string | null = null): Promise<void> {
  const document = { client_id: clientId, client_name: name, redirect_uris: ['https://client.example/cb'] };
  expect((await server.admin.post('/clients', document)).status).toBe(201);
}

/** The IDs of the page, and the path of the next one. */
async function list(path: string): Promise<{ ids: readonly string[]; next: string | undefined }> {
  const { status, headers, body } = await server.admin.get<Page>(path);
  expect(status).toBe(200);
  const link = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
  return { ids: body.items.map(({ client_id }) => client_id), next: link?.replace(`${server.issuer}/admin/v1`, '') };
}

async function walk(path: string): Promise<readonly string[]> {
  const { ids, next } = await list(path);
  return next === undefined ? ids : [...ids, ...(await walk(next))];
}

const ALL = ['B1', 'a%', 'a1', 'a2', 'a3', 'a_', 'admin', '~z'];

describe('a list of clients', () => {
  it('is sorted by the bytes of the IDs, ascending or descending', async () => {
    expect(await list('/clients')).toEqual({ ids: ALL, next: undefined });
    expect((await list('/clients?sort=-client_id')).ids).toEqual([...ALL].reverse());
  });

  it('has linked pages that contain each client once', async () => {
    expect((await list('/clients?limit=3')).ids).toHaveLength(3);
    expect(await walk('/clients?limit=3')).toEqual(ALL);
    expect(await walk('/clients?limit=3&sort=-client_id')).toEqual([...ALL].reverse());
    expect(await walk('/clients?limit=2&q=a')).toEqual(ALL.filter((id) => id.includes('a')));
  });

  it('neither repeats nor skips a client if others are added between two pages', async () => {
    const { ids, next = '' } = await list('/clients?limit=4');
    await make('B0');
    await make('a9');
    expect([...ids, ...(await walk(next))]).toEqual(['B1', 'a%', 'a1', 'a2', 'a3', 'a9', 'a_', 'admin', '~z']);
  });

  it('can be searched for text in IDs and names, in any case and without wildcards', async () => {
    await make('named', 'Überweisung 100%');
    expect((await list(`/clients?q=${encodeURIComponent('überWEISUNG')}`)).ids).toEqual(['named']);
    expect((await list('/clients?q=%25')).ids).toEqual(['a%', 'named']);
    expect((await list('/clients?q=_')).ids).toEqual(['a_']);
    expect((await list(`/clients?q=${encodeURIComponent('\\')}`)).ids).toEqual([]);
    expect((await list(`/clients?q=${encodeURIComponent("'; DROP TABLE clients; --")}`)).ids).toEqual([]);
  });

  it('has a strong ETag and no secrets', async () => {
    const { headers, body } = await server.admin.get('/clients');
    expect(headers.get('etag')).toMatch(/^"[\w-]+"$/);
    expect(JSON.stringify(body)).not.toMatch(/secret"|hash/);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=-1',
    'limit=1.5',
    'limit=abc',
    'after=!',
    'after=AA',
    'after=YQ%3D%3D',
    'sort=name',
    'sort=--client_id',
    `q=${'x'.repeat(257)}`,
    'foo=1',
    'dry_run=true',
    '__proto__=1',
    'limit=1&limit=2',
  ])('is refused for ?%s', async (query) => {
    const { status, headers, body } = await server.admin.get(`/clients?${query}`);
    expect([status, headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
    expect(body).toMatchObject({ type: '/errors/invalid-parameter', trace_id: expect.any(String) });
  });
});
