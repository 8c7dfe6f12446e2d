import { Log } from '#server/http/logging.js';
import { Browser } from '#test/browser.js';
import { sql } from '#test/database.js';
import { authorizePath, basic, postForm, redeem, TOKEN } from '#test/flow.js';
import { aClient, REDIRECT_URI } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, delivered, tokensOf, userinfo } from '#test/tokens.js';

const CLIENT_AUTHENTICATION_FAILED = 'gatehouse.client-registry.client-authentication-failed.v1';
const MINUTE = 60;

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

it('many wrong secrets of one client record one event a minute', async () => {
  const client = await aClient(server);
  const guess = (): Promise<unknown> =>
    postForm(server.url + TOKEN, { grant_type: 'authorization_code' }, { authorization: basic({ ...client, client_secret: 'wrong' }) });
  const recorded = async (): Promise<number> => {
    await delivered(server);
    const text = 'SELECT 1 FROM event_log WHERE type = $1 AND subject = $2';
    return (await sql(server.databaseUrl, text, [CLIENT_AUTHENTICATION_FAILED, client.client_id])).length;
  };
  await Promise.all(Array.from({ length: 30 }, guess));
  expect(await recorded()).toBe(1);
  server.clock.advance(MINUTE);
  await guess();
  expect(await recorded()).toBe(2);
});

it('R9: a scope that was removed from a client is no longer valid, even in tokens that it already has', async () => {
  const { body } = await server.admin.post<{ client_id: string; client_secret: string }>('/clients', {
    grant_types: ['client_credentials'],
    response_types: [],
    scope: 'clients:read users:read',
  });
  const issued = await postForm(
    server.url + TOKEN,
    { grant_type: 'client_credentials', scope: 'clients:read users:read' },
    { authorization: basic(body) },
  );
  const headers = { authorization: `Bearer ${tokensOf(issued).access_token}` };
  const list = async (what: string): Promise<number> => (await fetch(`${server.url}/admin/v1/${what}`, { headers })).status;
  expect([await list('users'), await list('clients')]).toEqual([200, 200]);
  await change(server, `/clients/${body.client_id}`, { scope: 'clients:read' });
  expect([await list('users'), await list('clients')]).toEqual([403, 200]);
});

it('an e-mail address from a sign-up has email_verified false', async () => {
  const client = await aClient(server);
  const browser = new Browser(server.url);
  const form = await browser.follow(await browser.get(authorizePath(client, { scope: 'openid email', prompt: 'create' })));
  const page = await browser.submit(form, { username: 'mallory', password: 'correct horse', email: 'ceo@company.example' });
  const answer = await redeem(server, client, page.redirected.get('code') ?? '', { redirect_uri: REDIRECT_URI });
  const { body } = await userinfo(server, tokensOf(answer).access_token);
  expect(body).toEqual({ sub: 'mallory', email: 'ceo@company.example', email_verified: false });
});

describe('the log line of a refused request', () => {
  const detailOf = async (path: string): Promise<string> => {
    const info = jest.spyOn(server.app.get(Log).pino, 'info');
    try {
      await new Browser(server.url).get(path);
      const logged = info.mock.calls.map(([fields]) => fields as { detail?: string });
      return logged.find(({ detail }) => detail !== undefined)?.detail ?? '';
    } finally {
      info.mockRestore();
    }
  };

  it.each([
    ['client_id', `x${'y'.repeat(8000)}`, 'sent: xyyyyyyy… (8001 characters)'],
    ['redirect_uri', `x${'y'.repeat(8000)}`, 'sent: no URI'],
    ['redirect_uri', `https://x.example/${'y'.repeat(8000)}?code=secret`, `sent: https://x.example/${'y'.repeat(176)}`],
  ])('has only the beginning of %s: %#', async (name, value, expected) => {
    const client = await aClient(server);
    expect(await detailOf(authorizePath(client, { [name]: value }))).toBe(expected);
  });
});
