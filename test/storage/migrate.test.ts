import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { migrate } from '#database/migrate.js';
import { migrations } from '#server/start/migrations.js';
import { createEmptyDatabase, dropDatabase, sql } from '#test/database.js';

it('the migrations of an empty database use one connection', async () => {
  const databaseUrl = await createEmptyDatabase();
  const { hostname, port } = new URL(databaseUrl);
  let connections = 0;
  const counter = createServer((near) => {
    connections++;
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
  });
  await once(counter.listen(0, '127.0.0.1'), 'listening');
  const counted = new URL(databaseUrl);
  counted.host = `127.0.0.1:${String((counter.address() as AddressInfo).port)}`;
  try {
    expect(await migrate(counted.href, migrations)).toBe(migrations.length);
    expect(connections).toBe(1);
  } finally {
    counter.close();
    await dropDatabase(databaseUrl);
  }
});

describe('a database of an earlier version', () => {
  let databaseUrl: string;
  const before = (name: string) => migrations.slice(0, migrations.findIndex((migration) => migration.name.startsWith(name)));

  beforeEach(async () => {
    databaseUrl = await createEmptyDatabase();
  });
  afterEach(() => dropDatabase(databaseUrl));

  it('keeps its sessions, with the method that each began by and its time', async () => {
    await migrate(databaseUrl, before('SessionMethods'));
    const sid = '0190163d-8694-739b-aea5-966c26f8ad91';
    await sql(
      databaseUrl,
      `INSERT INTO sessions (expires_at, secret_hash, sid, sub, authenticator, acr, amr, auth_time, last_used_at)
       VALUES ('2030-01-01T00:00:00Z', '\\x00', $1, 'johndoe', 'username-password', 'urn:a', '{pwd,kba}',
         '2029-12-31T12:00:00.123456Z', now())`,
      [sid],
    );
    await migrate(databaseUrl, migrations);
    const method = { authenticator: 'username-password', acr: 'urn:a', amr: ['pwd', 'kba'], at: '2029-12-31T12:00:00.123Z' };
    expect(await sql(databaseUrl, 'SELECT sid, sub, methods FROM sessions')).toEqual([{ sid, sub: 'johndoe', methods: [method] }]);
  });

  it('hands the deliveries of a renamed handler to its new name', async () => {
    await migrate(databaseUrl, before('HandlerNames'));
    const insert = 'INSERT INTO event_deliveries (handler, position, attempts, next_attempt_at) VALUES ($1, 1, 0, now())';
    for (const handler of ['ForgetCodes.whenPasswordChanged', 'RevokeGrants.whenAccountLocked']) await sql(databaseUrl, insert, [handler]);
    await migrate(databaseUrl, migrations);
    const handlers = await sql<{ handler: string }>(databaseUrl, 'SELECT handler FROM event_deliveries ORDER BY 1');
    expect(handlers.map(({ handler }) => handler)).toEqual(['DeleteCodes.whenPasswordChanged', 'RevokeGrants.whenAccountLocked']);
  });
});
