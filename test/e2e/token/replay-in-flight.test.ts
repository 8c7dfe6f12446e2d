import { Client } from 'pg';
import { sql } from '#test/database.js';
import { obtainCode, redeem } from '#test/flow.js';
import { aClient, aUser } from '#test/fixtures.js';
import { startServer, type TestServer } from '#test/server.js';
import { eventually, tokensOf, userinfo } from '#test/tokens.js';

describe('a code that is redeemed again while its redemption is under way', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  /** Holds redemptions up after they have claimed their code. */
  async function holdUp(): Promise<() => Promise<void>> {
    const holder = new Client({ connectionString: server.databaseUrl });
    await holder.connect();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE grants IN SHARE MODE');
    return () => holder.end();
  }

  const waiting = async (): Promise<number> => {
    const text = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    return (await sql(server.databaseUrl, text)).length;
  };

  it.each([
    ['after the code has expired', {}, 120],
    ['with a wrong redirect URI', { redirect_uri: 'https://client.example/other' }, 0],
  ])('T19: → waits for it, and ends what it brought: %s', async (_, parameters, seconds) => {
    const client = await aClient(server);
    const code = await obtainCode({ server, client, user: await aUser(server) });
    const letGo = await holdUp();
    const first = redeem(server, client, code);
    await eventually(async () => (await waiting()) === 1);
    server.clock.advance(seconds);
    const second = redeem(server, client, code, parameters);
    const early = await Promise.race([second, eventually(async () => (await waiting()) === 2)]);
    await letGo();
    expect(early).toBeUndefined();
    expect((await second).body['error']).toBe('invalid_grant');
    expect((await userinfo(server, tokensOf(await first).access_token)).status).toBe(401);
  });
});
