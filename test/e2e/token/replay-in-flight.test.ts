import { Client } from 'pg';
import { sql } from '#test/database.js';
import { obtainCode, redeem } from '#test/flow.js';
import { aClient, aUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { eventually, tokensOf, userinfo } from '#test/tokens.js';

describe('a replay during the redemption', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  /** Blocks redemptions after they have marked their code as redeemed; the result ends the block. */
  async function blockRedemptions(): Promise<() => Promise<void>> {
    const blocker = new Client({ connectionString: server.databaseUrl });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE grants IN SHARE MODE');
    return () => blocker.end();
  }

  const waiting = async (): Promise<number> => {
    const text = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    return (await sql(server.databaseUrl, text)).length;
  };

  it.each([
    ['after the code has expired', {}, 120],
    ['with a wrong redirect URI', { redirect_uri: 'https://client.example/other' }, 0],
  ])('T19: waits for the redemption and revokes its tokens: %s', async (_, parameters, seconds) => {
    const client = await aClient(server);
    const code = await obtainCode({ server, client, user: await aUser(server) });
    const unblock = await blockRedemptions();
    const first = redeem(server, client, code);
    await eventually(async () => (await waiting()) === 1);
    server.clock.advance(seconds);
    const second = redeem(server, client, code, parameters);
    const early = await Promise.race([second, eventually(async () => (await waiting()) === 2)]);
    await unblock();
    expect(early).toBeUndefined();
    expect((await second).body['error']).toBe('invalid_grant');
    expect((await userinfo(server, tokensOf(await first).access_token)).status).toBe(401);
  });
});
