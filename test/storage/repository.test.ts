/** Repositories of TypeORM inside our own transactions. */
import { DataSource, type DataSourceOptions, IsNull } from 'typeorm';
import { SystemClock } from '#kernel/clock.js';
import { DomainEvent } from '#kernel/bus.js';
import { DatabaseUnavailable, NoRowAffected } from '#kernel/errors.js';
import { Postgres } from '#database/connection.js';
import { Database } from '#database/database.js';
import { Outbox } from '#database/outbox.js';
import { mustAffectRow } from '#database/statement.js';
import { integer, json, optional, permanent, scope, table, text, timestamp } from '#database/table.js';
import { createDatabase, dropDatabase, sql } from '#test/database.js';

class Happened extends DomainEvent<{ what: string }> {
  static readonly type = 'gatehouse.test.happened.v1';
}

const things = table({
  name: 'thing',
  owner: 'test',
  retention: permanent('the test removes them'),
  columns: {
    name: text({ primary: 'thing_name' }),
    version: integer(),
    madeAt: timestamp(),
    note: optional(text()),
    tags: json<readonly string[]>(),
    scope: optional(scope()),
  },
});
const NOW = new Date('2030-01-01T12:00:00.123Z');
const thing = (name: string) => ({ name, version: 1, madeAt: NOW, tags: ['a', 'b'] });
const insert = { name: 'thing_insert_plain', text: "INSERT INTO thing (name, version, made_at, tags) VALUES ($1, 1, now(), '[]')" };
const ending = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';

describe('a repository in a transaction', () => {
  let url: string;
  let postgres: Postgres;
  let dataSource: DataSource;
  let database: Database;
  beforeAll(async () => {
    url = await createDatabase();
    await sql(url, `CREATE TABLE thing (name text CONSTRAINT thing_name PRIMARY KEY, version integer NOT NULL,
      made_at timestamptz NOT NULL, note text, tags jsonb NOT NULL, scope text)`);
    // Two connections: one that does not come back is missed at once.
    postgres = new Postgres(url, 2);
    dataSource = await new DataSource({ ...postgres.typeOrmOptions(), entities: [things.entity] } as DataSourceOptions).initialize();
    database = new Database(postgres, new Outbox(new SystemClock()), dataSource);
  });
  beforeEach(() => sql(url, 'TRUNCATE thing, outbox'));
  afterAll(async () => {
    await dataSource.destroy();
    await dropDatabase(url);
  });

  async function stored(): Promise<{ things: string[]; events: unknown[] }> {
    const names = await sql<{ name: string }>(url, 'SELECT name FROM thing ORDER BY name');
    const events = await sql<{ data: { what: string } }>(url, 'SELECT data FROM outbox ORDER BY id');
    return { things: names.map(({ name }) => name), events: events.map(({ data }) => data.what) };
  }
  const nothing = { things: [], events: [] };

  it('writes, and is committed with the events and with what was enqueued', async () => {
    const rows = await database.transaction(async (transaction) => {
      const repository = await transaction.repository(things);
      await repository.insert(thing('a'));
      transaction.enqueue(insert, ['b']);
      transaction.record(new Happened('s', { what: 'done' }));
      expect(await stored()).toEqual(nothing);
      return transaction.query<{ name: string }>({ name: 'thing_names', text: 'SELECT name FROM thing ORDER BY name' });
    });
    expect(rows).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(await stored()).toEqual({ things: ['a', 'b'], events: ['done'] });
  });

  it('has the values of TypeScript: a column that is NULL is undefined', async () => {
    await database.transaction(async (transaction) => {
      const repository = await transaction.repository(things);
      await repository.insert([thing('a'), { ...thing('b'), note: 'x', scope: ['openid', 'email'] }]);
      expect(await repository.find({ order: { name: 'ASC' } })).toEqual([
        { ...thing('a'), note: undefined, scope: undefined },
        { ...thing('b'), note: 'x', scope: ['openid', 'email'] },
      ]);
      expect(await repository.countBy({ note: IsNull() })).toBe(1);
    });
    expect(await sql(url, 'SELECT note, scope FROM thing ORDER BY name')).toEqual([
      { note: null, scope: null },
      { note: 'x', scope: 'openid email' },
    ]);
  });

  it('leaves nothing when the work throws, and gives its connection back', async () => {
    for (let round = 0; round < 5; round++) {
      const reason = new Error('no');
      const work = database.transaction(async (transaction) => {
        await (await transaction.repository(things)).insert(thing('a'));
        transaction.record(new Happened('s', { what: 'never' }));
        throw reason;
      });
      await expect(work).rejects.toBe(reason);
    }
    expect(await stored()).toEqual(nothing);
    expect(postgres.pool.idleCount).toBe(postgres.pool.totalCount);
  });

  it('rejects with the error of Postgres, and gives its connection back', async () => {
    await sql(url, "INSERT INTO thing VALUES ('a', 1, now(), NULL, '[]')");
    for (let round = 0; round < 5; round++) {
      const work = database.transaction(async (transaction) => (await transaction.repository(things)).insert(thing('a')));
      await expect(work).rejects.toMatchObject({ code: '23505' });
    }
    expect(postgres.pool.idleCount).toBe(postgres.pool.totalCount);
  });

  it('is undone by an enqueued write that affects no row', async () => {
    const take = mustAffectRow({ name: 'thing_take', text: 'DELETE FROM thing WHERE name = $1 RETURNING 1' });
    const work = database.transaction(async (transaction) => {
      await (await transaction.repository(things)).insert(thing('a'));
      transaction.enqueue(take, ['nothing']);
    });
    await expect(work).rejects.toBeInstanceOf(NoRowAffected);
    expect(await stored()).toEqual(nothing);
  });

  it('counts the rows that a conditional write affects: of many writers one wins', async () => {
    await sql(url, "INSERT INTO thing VALUES ('a', 1, now(), NULL, '[]')");
    const writers = Array.from({ length: 10 }, (_, index) =>
      database.transaction(async (transaction) => {
        const repository = await transaction.repository(things);
        const change = { note: String(index), version: () => 'version + 1' };
        return (await repository.update({ name: 'a', version: 1 }, change)).affected;
      }));
    expect((await Promise.all(writers)).sort()).toEqual([...Array<number>(9).fill(0), 1]);
    expect(await sql(url, 'SELECT version FROM thing')).toEqual([{ version: 2 }]);
  });

  it('locks a row until the commit', async () => {
    await sql(url, "INSERT INTO thing VALUES ('a', 1, now(), NULL, '[]')");
    const order: string[] = [];
    const inTurn = (name: string) =>
      database.transaction(async (transaction) => {
        const repository = await transaction.repository(things);
        await repository.findOne({ where: { name: 'a' }, lock: { mode: 'pessimistic_write' } });
        order.push(`${name} has it`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        order.push(`${name} is through`);
      });
    await Promise.all([inTurn('one'), inTurn('one')]);
    expect(order).toEqual(['one has it', 'one is through', 'one has it', 'one is through']);
  });

  it('is one of several in the same transaction, asked for at the same time', async () => {
    await database.transaction(async (transaction) => {
      const [one, other] = await Promise.all([transaction.repository(things), transaction.repository(things)]);
      await one.insert(thing('a'));
      expect(await other.countBy({ name: 'a' })).toBe(1);
    });
  });

  it('must be asked for before the first query', async () => {
    const work = database.transaction(async (transaction) => {
      await transaction.query({ name: 'thing_one', text: 'SELECT 1' });
      await transaction.repository(things);
    });
    await expect(work).rejects.toThrow('before the first query');
    expect(postgres.pool.idleCount).toBe(postgres.pool.totalCount);
  });

  it('whose connection is lost is DatabaseUnavailable, and the next one has another', async () => {
    const losses = [
      // In a statement, between two, before the commit.
      async (on: Awaited<ReturnType<typeof repositoryOf>>) => {
        await on.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
      async (on: Awaited<ReturnType<typeof repositoryOf>>) => sql(url, ending).then(() => on.insert(thing('b'))),
      async () => sql(url, ending),
    ];
    for (const lose of [...losses, ...losses]) {
      const work = database.transaction(async (transaction) => {
        const repository = await repositoryOf(transaction);
        await repository.insert(thing('a'));
        await lose(repository);
      });
      await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
    }
    await database.transaction(async (transaction) => (await repositoryOf(transaction)).insert(thing('c')));
    expect(await stored()).toEqual({ things: ['c'], events: [] });
    expect(postgres.pool.totalCount).toBeLessThanOrEqual(2);
  });

  it('of a database that takes no connection is DatabaseUnavailable', async () => {
    const connect = jest.spyOn(postgres.pool, 'connect').mockImplementation(((done: (error: Error) => void) =>
      done(Object.assign(new Error('not now'), { code: '55000' }))) as never);
    const work = database.transaction((transaction) => transaction.repository(things));
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
    connect.mockRestore();
    await database.transaction(async (transaction) => (await repositoryOf(transaction)).insert(thing('d')));
  });

  it('reads outside of a transaction, and what it cannot read is DatabaseUnavailable', async () => {
    await sql(url, "INSERT INTO thing VALUES ('a', 1, now(), NULL, '[]')");
    expect(await database.read(things, (repository) => repository.find())).toMatchObject([{ name: 'a', note: undefined }]);
    for (let round = 0; round < 3; round++) {
      const cut = database.read(things, (repository) => repository.query('SELECT pg_terminate_backend(pg_backend_pid())'));
      await expect(cut).rejects.toBeInstanceOf(DatabaseUnavailable);
      await expect(database.read(things, (repository) => repository.query('SELECT nothing'))).rejects.toMatchObject({ code: '42703' });
    }
    const connect = jest.spyOn(postgres.pool, 'connect').mockImplementation(((done: (error: Error) => void) =>
      done(Object.assign(new Error('not now'), { code: '55000' }))) as never);
    await expect(database.read(things, (repository) => repository.find())).rejects.toBeInstanceOf(DatabaseUnavailable);
    connect.mockRestore();
    expect(await database.read(things, (repository) => repository.count())).toBe(1);
    expect(postgres.pool.idleCount).toBe(postgres.pool.totalCount);
  });

  const repositoryOf = (transaction: Parameters<Parameters<Database['transaction']>[0]>[0]) => transaction.repository(things);
});
