import { Browser } from '#test/browser.js';
import { sql } from '#test/database.js';
import { authorizePath, logIn, obtainCode, redeem, refresh } from '#test/flow.js';
import { aClient, aUser, type TestClient, type TestUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, countEvents, delivered, obtainTokens, tokensOf } from '#test/tokens.js';

let server: TestServer;
let user: TestUser;
beforeAll(async () => {
  server = await startServer();
  user = await aUser(server);
});
afterAll(() => server.close());

/** Removes the client and registers another one with its ID, as if the event of the removal had not revoked the grants yet. */
async function replace(client: TestClient): Promise<TestClient> {
  await change(server, `/clients/${client.client_id}`);
  const successor = await aClient(server, { client_id: client.client_id });
  await delivered(server);
  await sql(server.databaseUrl, 'UPDATE grants SET revoked_at = NULL WHERE client_id = $1', [client.client_id]);
  return successor;
}

describe('a client with the ID of a removed client', () => {
  it('T7: cannot redeem a code of the removed client, and learns nothing about it', async () => {
    const client = await aClient(server);
    const code = await obtainCode({ server, client, user });
    const successor = await replace(client);
    for (const parameters of [{}, { redirect_uri: undefined }]) {
      const { status, body } = await redeem(server, successor, code, parameters);
      expect([status, body['error_description']]).toEqual([400, 'The code is unknown or has expired.']);
    }
  });

  it('T19: does not replay a code that the removed client has redeemed', async () => {
    const client = await aClient(server);
    const code = await obtainCode({ server, client, user });
    tokensOf(await redeem(server, client, code));
    const { body } = await redeem(server, await replace(client), code);
    expect(body['error_description']).toBe('The code is unknown or has expired.');
    expect(await countEvents(server, 'authorization.code-replayed', client.client_id)).toBe(0);
  });

  it('F3: cannot use a refresh token of the removed client, whether unused or just used', async () => {
    const client = await aClient(server);
    const used = (await obtainTokens({ server, client, user })).refresh_token;
    const fresh = tokensOf(await refresh(server, client, used)).refresh_token;
    const successor = await replace(client);
    for (const [token, scope] of [[used, undefined], [fresh, undefined], [fresh, 'more']] as const) {
      const { status, body } = await refresh(server, successor, token, { scope });
      expect([status, body['error_description']]).toEqual([400, 'The refresh token is unknown, expired or revoked.']);
    }
    expect(await countEvents(server, 'token.refresh-token-reused', client.client_id)).toBe(0);
  });

  it('A12: gets no code for a request of the removed client', async () => {
    const client = await aClient(server);
    const browser = new Browser(server.url);
    const login = await browser.follow(await browser.get(authorizePath(client)));
    await replace(client);
    const page = await logIn(browser, login, user);
    expect([page.status, page.location]).toEqual([400, undefined]);
  });

  it('can use the flow for itself', async () => {
    const client = await replace(await aClient(server));
    const { refresh_token: token } = await obtainTokens({ server, client, user });
    expect((await refresh(server, client, token)).status).toBe(200);
  });
});
