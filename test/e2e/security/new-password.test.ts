import { sql } from '#test/database.js';
import { obtainCode, redeem, refresh } from '#test/flow.js';
import { aClient, aUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { change, delivered, obtainTokens, userinfo } from '#test/tokens.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

it('a new password revokes the grants of earlier logins, and no later one', async () => {
  const client = await aClient(server);
  const user = await aUser(server);
  const other = await aUser(server);
  const old = await obtainTokens({ server, client, user });
  const foreign = await obtainTokens({ server, client, user: other });
  await change(server, `/users/${user.sub}`, { password: 'another password' });
  const recent = await obtainTokens({ server, client, user: { ...user, password: 'another password' } });
  await delivered(server);

  expect((await userinfo(server, old.access_token)).status).toBe(401);
  expect((await refresh(server, client, old.refresh_token)).body['error']).toBe('invalid_grant');
  for (const { access_token: token } of [foreign, recent]) expect((await userinfo(server, token)).status).toBe(200);
  const events = await sql(server.databaseUrl, 'SELECT data FROM event_log WHERE type = $1', ['gatehouse.authorization.grant-revoked.v1']);
  expect(events).toEqual([{ data: expect.objectContaining({ sub: user.sub, reason: 'password-changed' }) }]);
});

it('a new password ends the codes of earlier logins, and no later one', async () => {
  const client = await aClient(server);
  const user = await aUser(server);
  const old = await obtainCode({ server, client, user });
  await change(server, `/users/${user.sub}`, { password: 'another password' });
  const recent = await obtainCode({ server, client, user: { ...user, password: 'another password' } });
  await delivered(server);
  expect((await redeem(server, client, old)).body['error']).toBe('invalid_grant');
  expect((await redeem(server, client, recent)).status).toBe(200);
});

it('another change of the account revokes no grant', async () => {
  const client = await aClient(server);
  const user = await aUser(server);
  const { access_token: token } = await obtainTokens({ server, client, user });
  await change(server, `/users/${user.sub}`, { name: 'Jane' });
  await delivered(server);
  expect((await userinfo(server, token)).status).toBe(200);
});
