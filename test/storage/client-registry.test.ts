import { setTimeout as pause } from 'node:timers/promises';
import { Test } from '@nestjs/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuthenticationModule, AuthenticationOptions } from '#authentication/authentication.module.js';
import { ClientRegistryModule, ClientRegistryOptions } from '#client-registry/client-registry.module.js';
import { GetClient, PatchClient, RegisterClient, RemoveClient } from '#client-registry/contracts.js';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import { Clock, SystemClock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { DatabaseModule } from '#database/database.module.js';
import { KernelModule } from '#kernel/kernel.module.js';
import { Keyring } from '#kernel/keyring.js';
import { Secret } from '#kernel/secrets.js';
import { createDatabase, dropDatabase, sql } from '#test/database.js';
import { startProxy } from '#test/tcp-proxy.js';
import { eventually } from '#test/tokens.js';

let databaseUrl: string;
let app: INestApplicationContext;
beforeAll(async () => {
  databaseUrl = await createDatabase();
  app = await open(databaseUrl);
  await pause(200);
});
afterAll(async () => {
  await app.close();
  await dropDatabase(databaseUrl);
});

async function open(url: string): Promise<INestApplicationContext> {
  const clock: Clock = new SystemClock();
  const keyring = new Keyring([new Secret('x'.repeat(32))]);
  const module = await Test.createTestingModule({
    imports: [
      KernelModule.with({ clock, keyring }),
      DatabaseModule.with(url),
      ClientRegistryModule.with(new ClientRegistryOptions('lenient')),
      AuthenticationModule.with(new AuthenticationOptions(3600, 43_200)),
    ],
  }).compile();
  return module.init();
}

/** Waits until the notification of the new client has reached this server, which then removes the client from its cache. */
async function register(document: Record<string, unknown>): Promise<void> {
  await app.get(CommandBus).execute(new RegisterClient({ redirect_uris: ['https://a.example'], ...document }));
  await pause(150);
}
const get = (clientId: string, on = app) => on.get(QueryBus).execute(new GetClient(clientId));
const events = () =>
  sql<{ type: string; subject: string; data: unknown }>(databaseUrl, 'SELECT type, subject, data FROM outbox ORDER BY id');

async function queriesDuring(work: () => Promise<unknown>, on = app): Promise<number> {
  const query = jest.spyOn(on.get(Database), 'queryTogether');
  try {
    await work();
    return query.mock.calls.length;
  } finally {
    query.mockRestore();
  }
}

describe('the tables of the client registry', () => {
  it('match their entity schemas', async () => {
    const { upQueries } = await app.get(DataSource).driver.createSchemaBuilder().log();
    const ours = upQueries.map(({ query }) => query).filter((query) => /"client(s|_secrets)"/.test(query));
    expect(ours).toEqual([]);
  });

  it('record an event for every change, without secrets, and a removed client leaves no secret', async () => {
    await register({ client_id: 'facts' });
    await app.get(CommandBus).execute(new PatchClient('facts', { client_name: 'New', enabled: false }, 1));
    await app.get(CommandBus).execute(new PatchClient('facts', { client_name: 'Stale' }, 1));
    await app.get(CommandBus).execute(new RemoveClient('facts', 2));
    expect((await events()).filter(({ subject }) => subject === 'facts')).toEqual([
      { type: 'gatehouse.client-registry.client-registered.v1', subject: 'facts', data: { client_id: 'facts' } },
      {
        type: 'gatehouse.client-registry.client-changed.v1',
        subject: 'facts',
        data: { client_id: 'facts', version: 2, changed: ['client_name', 'enabled'] },
      },
      { type: 'gatehouse.client-registry.client-removed.v1', subject: 'facts', data: { client_id: 'facts' } },
    ]);
    expect(await sql(databaseUrl, "SELECT FROM client_secrets WHERE client_id = 'facts'")).toEqual([]);
  });
});

describe('the cache of clients', () => {
  it('answers a repeated lookup without a query, for a known and for an unknown client', async () => {
    await register({ client_id: 'known' });
    expect(await queriesDuring(() => get('known'))).toBe(2);
    expect(await queriesDuring(() => get('known'))).toBe(0);
    expect(await queriesDuring(() => get('nobody'))).toBe(2);
    expect(await queriesDuring(() => get('nobody'))).toBe(0);
    expect(await queriesDuring(() => get('not an id'))).toBe(0);
  });

  it('runs one query for many concurrent lookups', async () => {
    await register({ client_id: 'crowd' });
    expect(await queriesDuring(() => Promise.all(Array.from({ length: 20 }, () => get('crowd'))))).toBe(2);
  });

  it('never returns an outdated client after a change is committed, even with concurrent lookups', async () => {
    await register({ client_id: 'busy' });
    const reads: Promise<unknown>[] = [];
    for (let version = 1; version <= 20; version++) {
      const name = `Name ${String(version)}`;
      const write = app.get(CommandBus).execute(new PatchClient('busy', { client_name: name }, version));
      for (let n = 0; n < 5; n++) {
        reads.push(get('busy'));
        await pause(1);
      }
      await write;
      expect(await get('busy')).toMatchObject({ client_name: name, version: version + 1 });
    }
    await Promise.all(reads);
  });

  it('keeps its clients while many unknown IDs are looked up', async () => {
    await register({ client_id: 'resident' });
    await get('resident');
    for (let n = 0; n < 1050; n += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => get(`stranger-${String(n + index)}`)));
    }
    expect(await queriesDuring(() => get('resident'))).toBe(0);
    expect(await queriesDuring(() => get('stranger-1049'))).toBe(0);
    expect(await queriesDuring(() => get('stranger-0'))).toBe(2);
  }, 60_000);

  it('is disabled while notifications do not arrive, even on a connection that otherwise works', async () => {
    const NOTIFICATION = 'A'.charCodeAt(0);
    let dropsNotifications = true;
    const url = new URL(databaseUrl);
    const proxy = await startProxy(url.hostname, Number(url.port), ([kind]) => !(dropsNotifications && kind === NOTIFICATION));
    url.host = `127.0.0.1:${String(proxy.port)}`;
    const other = await open(url.href);
    const isCached = async (): Promise<boolean> => {
      await get('heard', other);
      return (await queriesDuring(() => get('heard', other), other)) === 0;
    };
    try {
      await register({ client_id: 'heard' });
      expect(await isCached()).toBe(false);
      dropsNotifications = false;
      await eventually(isCached, 15);
      dropsNotifications = true;
      await eventually(async () => !(await isCached()), 15);
    } finally {
      await other.close();
      await proxy.close();
    }
  }, 60_000);

  it('repeats a lookup that failed', async () => {
    await register({ client_id: 'unlucky' });
    const { master } = app.get(DataSource).driver as unknown as { master: { connect: () => Promise<unknown> } };
    const query = jest.spyOn(master, 'connect').mockRejectedValue(Object.assign(new Error('gone'), { code: '57P01' }));
    await expect(get('unlucky')).rejects.toThrow('the database does not answer');
    query.mockRestore();
    expect(await get('unlucky')).toMatchObject({ client_id: 'unlucky' });
  });
});
