import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { migrate } from '#database/migrate.js';
import { migrations } from '#server/start/migrations.js';
import { createEmptyDatabase, dropDatabase } from '#test/database.js';

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
