import { Ajv2020 } from 'ajv/dist/2020.js';
import type { CloudEvent } from '#events/contracts.js';
import type { Answer } from '#test/admin.js';
import { obtainCode, redeem } from '#test/flow.js';
import { aClient, aUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';

type EventPage = Answer<{ readonly items: readonly CloudEvent[] }>;

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.close();
});

async function events(query = '', on = server): Promise<EventPage> {
  return on.admin.get(`/events${query}`);
}

function nextOf({ headers }: EventPage): string | undefined {
  return /^<[^>]*\/admin\/v1\/events(\?[^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
}

/** The whole log from `query` on, page by page. */
async function followed(query: string): Promise<CloudEvent[]> {
  const all: CloudEvent[] = [];
  for (let next: string | undefined = query; next !== undefined;) {
    const page: EventPage = await events(next);
    expect(page.status).toBe(200);
    all.push(...page.body.items);
    next = nextOf(page);
  }
  return all;
}

const REGISTERED = 'gatehouse.client-registry.client-registered.v1';
const CREATED = 'gatehouse.authentication.account-created.v1';

describe('GET /admin/v1/events', () => {
  it('returns the event of a change that was just answered, as a CloudEvent', async () => {
    const client = await aClient(server);
    const last = (await followed(`?types=${REGISTERED}`)).at(-1);
    expect(last).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/),
      type: REGISTERED,
      source: server.issuer,
      subject: client.client_id,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      datacontenttype: 'application/json',
      data: { client_id: client.client_id },
      sequence: expect.stringMatching(/^[1-9]\d*$/),
      traceid: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('returns it from another server too', async () => {
    const other = await startServer({ besides: server });
    try {
      const before = (await followed('')).at(-1)?.sequence ?? '0';
      const client = await aClient(server);
      const { body } = await events(`?after=${before}&types=${REGISTERED}`, other);
      expect(body.items.map(({ subject }) => subject)).toEqual([client.client_id]);
    } finally {
      await other.close();
    }
  });

  it('has pages without a gap, whatever their size', async () => {
    await Promise.all(Array.from({ length: 8 }, async () => aClient(server)));
    const all = await followed('?limit=200');
    expect(all.map(({ sequence }) => Number(sequence))).toEqual(all.map((_, index) => index + 1));
    expect(await followed('?limit=3')).toEqual(all);
    expect(await followed(`?after=${all[4]!.sequence}`)).toEqual(all.slice(5));
    expect(nextOf(await events(`?after=${all.at(-1)!.sequence}`))).toBeUndefined();
    expect((await events(`?after=${all.at(-1)!.sequence}`)).body).toEqual({ items: [] });
  });

  it('returns only the requested types', async () => {
    await aUser(server);
    await aClient(server);
    const wanted = await followed(`?types=${CREATED},${REGISTERED}&limit=2`);
    expect(wanted).toEqual((await followed('')).filter(({ type }) => [CREATED, REGISTERED].includes(type)));
    expect(new Set(wanted.map(({ type }) => type)).size).toBe(2);
    expect((await events('?types=gatehouse.token.unheard-of.v1')).body).toEqual({ items: [] });
  });

  it('returns the events of a code, without codes, tokens, secrets or passwords', async () => {
    const [client, user] = [await aClient(server, { require_consent: true }), await aUser(server)];
    const before = (await followed('')).at(-1)?.sequence ?? '0';
    const code = await obtainCode({ server, client, user });
    const { body } = await redeem(server, client, code);
    await redeem(server, client, code);
    const told = await followed(`?after=${before}`);
    const kinds = told.map(({ type }) => type.split('.')[2]);
    expect(kinds).toEqual(expect.arrayContaining(['login-succeeded', 'code-issued', 'code-redeemed', 'tokens-issued', 'code-replayed']));
    const order = ['code-issued', 'code-redeemed', 'code-replayed', 'grant-revoked'].map((kind) => kinds.indexOf(kind));
    expect(order).toEqual([...order].sort((one, other) => one - other));
    const text = JSON.stringify(told);
    for (const secret of [code, body['access_token'], body['id_token'], client.client_secret, user.password]) {
      expect(text).not.toContain(String(secret));
    }
  });

  it('matches the OpenAPI document', async () => {
    const document = (await server.admin.get<{ components: { schemas: Record<string, object> } }>('/openapi.json')).body;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(document.components.schemas['EventPage']!);
    const { body } = await events('?limit=200');
    expect([validate(body), validate.errors]).toEqual([true, null]);
    expect(validate({ items: [{}] })).toBe(false);
  });

  it.each(['?after=x', '?after=-1', '?after=1&after=2', '?types=', '?types=client-registered', '?limit=0', '?limit=201', '?cursor=1'])(
    'refuses %s with a problem document',
    async (query) => {
      const answer = await server.admin.get(`/events${query}`);
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({ type: '/errors/invalid-parameter', status: 400, trace_id: expect.any(String) });
    },
  );

  it('is refused without a token, and with a token without events:read', async () => {
    const url = `${server.url}/admin/v1/events`;
    const without = await fetch(url);
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="gatehouse"']);
    const token = await server.admin.newToken('clients:read');
    const other = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(other.status).toBe(403);
    expect(other.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });
});
