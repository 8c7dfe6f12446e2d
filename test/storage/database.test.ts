import { DataSource, type DataSourceOptions } from 'typeorm';
import { SystemClock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { Postgres } from '#database/connection.js';
import { Database } from '#database/database.js';
import { DatabaseUnavailable, NoRowAffected } from '#kernel/errors.js';
import { DomainEvent } from '#kernel/bus.js';
import { Outbox } from '#database/outbox.js';
import { insertion, lookup, mustAffectRow } from '#database/statement.js';
import { createDatabase, dropDatabase, sql } from '#test/database.js';

class Happened extends DomainEvent<{ what: string }> {
  static readonly type = 'gatehouse.test.happened.v1';
}

const insert = { name: 'thing_insert', text: 'INSERT INTO thing (name) VALUES ($1) RETURNING name' };
const list = { name: 'thing_list', text: 'SELECT name FROM thing ORDER BY name' };
const fail = { name: 'thing_fail', text: 'SELECT 1 / (SELECT 0)' };
const endConnection = { name: 'thing_end_connection', text: 'SELECT pg_terminate_backend(pg_backend_pid())' };

describe('a transaction', () => {
  let url: string;
  let dataSource: DataSource;
  let database: Database;
  let notified: number;
  beforeAll(async () => {
    url = await createDatabase();
    await sql(url, 'CREATE TABLE thing (name text CONSTRAINT thing_name PRIMARY KEY)');
    const postgres = new Postgres(url, 2);
    dataSource = await new DataSource(postgres.typeOrmOptions() as DataSourceOptions).initialize();
    const outbox = new Outbox(new SystemClock());
    outbox.onCommit(() => notified++);
    database = new Database(postgres, outbox, dataSource);
  });
  beforeEach(async () => {
    notified = 0;
    await sql(url, 'TRUNCATE thing, outbox');
  });
  afterAll(async () => {
    await dataSource.destroy();
    await dropDatabase(url);
  });

  async function stored(): Promise<{ things: string[]; events: unknown[] }> {
    const things = await database.query<{ name: string }>(list);
    const events = await sql<{ data: { what: string } }>(url, 'SELECT data FROM outbox ORDER BY id');
    return { things: things.map(({ name }) => name), events: events.map(({ data }) => data.what) };
  }

  it('T21: is committed with its events when its work returns, and then notifies the relay once', async () => {
    const answer = await database.transaction(async (transaction) => {
      transaction.record(new Happened('s', { what: 'first' }));
      const rows = await transaction.query(insert, ['a']);
      transaction.record(new Happened('s', { what: 'second' }), new Happened('s', { what: 'third' }));
      expect([await stored(), notified]).toEqual([{ things: [], events: [] }, 0]);
      return rows;
    });
    expect(answer).toEqual([{ name: 'a' }]);
    expect([await stored(), notified]).toEqual([{ things: ['a'], events: ['first', 'second', 'third'] }, 1]);
  });

  it('without events does not notify the relay', async () => {
    await database.transaction((transaction) => transaction.query(insert, ['a']));
    expect(notified).toBe(0);
  });

  it('is rolled back when its work throws, and throws the same error', async () => {
    const reason = new Error('no');
    const work = database.transaction(async (transaction) => {
      await transaction.query(insert, ['a']);
      transaction.record(new Happened('s', { what: 'first' }));
      throw reason;
    });
    await expect(work).rejects.toBe(reason);
    expect([await stored(), notified]).toEqual([{ things: [], events: [] }, 0]);
  });

  it('fails if a statement failed, even if its work has caught the error', async () => {
    const work = database.transaction(async (transaction) => {
      await transaction.query(insert, ['a']);
      await transaction.query(fail).catch(() => undefined);
      return 'done';
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await stored()).toEqual({ things: [], events: [] });
  });

  it('is rolled back if its events cannot be stored', async () => {
    const work = database.transaction(async (transaction) => {
      await transaction.query(insert, ['a']);
      transaction.record(new Happened('s', { what: '\0' }));
    });
    await expect(work).rejects.toThrow();
    expect([await stored(), notified]).toEqual([{ things: [], events: [] }, 0]);
  });

  it('throws DatabaseUnavailable if its connection is lost, and the next one uses another connection', async () => {
    for (let round = 0; round < 5; round++) {
      const work = database.transaction(async (transaction) => {
        await transaction.query(insert, ['a']);
        await transaction.query(endConnection);
      });
      await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
    }
    await database.transaction((transaction) => transaction.query(insert, ['b']));
    expect(await stored()).toEqual({ things: ['b'], events: [] });
  });

  describe('with a statement that must affect a row', () => {
    const take = mustAffectRow({ name: 'thing_take', text: 'DELETE FROM thing WHERE name = $1 RETURNING 1' });
    const takeIn = (before: (transaction: Transaction) => Promise<unknown>) =>
      database.transaction(async (transaction) => {
        await before(transaction);
        transaction.enqueue(take, ['a']);
        transaction.enqueue(insert, ['b']);
        transaction.record(new Happened('s', { what: 'taken' }));
      });

    it.each([
      ['in the same round trip as the rest', () => Promise.resolve()],
      ['after another round trip', (transaction: Transaction) => transaction.query(list)],
    ])('%s: one of many concurrent transactions succeeds, and the others change nothing', async (_way, before) => {
      await database.query(insert, ['a']);
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => takeIn(before)));
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
      expect(lost).toHaveLength(9);
      for (const reason of lost) expect(reason).toBeInstanceOf(NoRowAffected);
      expect([await stored(), notified]).toEqual([{ things: ['b'], events: ['taken'] }, 1]);
    });
  });

  it('returns its connection to the pool after each failure', async () => {
    for (let round = 0; round < 10; round++) await expect(database.transaction((on) => on.query(fail))).rejects.toThrow('division by zero');
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => database.transaction((on) => on.query(insert, [name]))));
    expect((await stored()).things).toEqual(['a', 'b', 'c', 'd']);
  });

});

describe('statements in one round trip', () => {
  let url: string;
  let dataSource: DataSource;
  let database: Database;
  const connections = new Set<unknown>();
  beforeAll(async () => {
    url = await createDatabase();
    await sql(url, 'CREATE TABLE thing (name text CONSTRAINT thing_name PRIMARY KEY)');
    // With one connection, prepared statements of one test still exist in the next.
    const postgres = new Postgres(url, 1);
    dataSource = await new DataSource(postgres.typeOrmOptions() as DataSourceOptions).initialize();
    postgres.pool.on('acquire', (client) => connections.add(client));
    database = new Database(postgres, new Outbox(new SystemClock()), dataSource);
  });
  beforeEach(async () => {
    connections.clear();
    await sql(url, 'TRUNCATE thing, outbox');
  });
  afterAll(async () => {
    await dataSource.destroy();
    await dropDatabase(url);
  });
  const names = async () => (await sql<{ name: string }>(url, 'SELECT name FROM thing ORDER BY name')).map(({ name }) => name);

  it('are one transaction without a BEGIN: if one fails, those before it are rolled back', async () => {
    const work = database.transaction((transaction) => {
      transaction.enqueue(insert, ['a']);
      transaction.enqueue(insert, ['a']);
      transaction.record(new Happened('s', { what: 'never' }));
    });
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(await names()).toEqual([]);
    expect(await sql(url, 'SELECT 1 FROM outbox')).toEqual([]);
  });

  it('are executed in the order in which they were enqueued, before a statement that is awaited', async () => {
    const seen = await database.transaction(async (transaction) => {
      transaction.enqueue(insert, ['a']);
      transaction.enqueue(insert, ['b']);
      const rows = await transaction.query<{ name: string }>(list);
      transaction.enqueue(insert, ['c']);
      return rows.map(({ name }) => name);
    });
    expect(seen).toEqual(['a', 'b']);
    expect(await names()).toEqual(['a', 'b', 'c']);
  });

  it('that could not be parsed, or were not executed, are parsed again on the same connection', async () => {
    const wrong = { name: 'thing_wrong', text: 'SELECT nothing FROM thing' };
    const behind = { name: 'thing_behind', text: "SELECT 'reached' AS answer" };
    for (let round = 0; round < 3; round++) {
      const both = database.queryTogether([{ statement: wrong, values: [] }, { statement: behind, values: [] }]);
      await expect(both).rejects.toMatchObject({ code: '42703' });
      if (round > 0) expect(await database.query(behind)).toEqual([{ answer: 'reached' }]);
    }
    expect(connections.size).toBe(1);
  });

  it('that failed when executed can be used again on the same connection', async () => {
    for (let round = 0; round < 3; round++) await expect(database.query(fail)).rejects.toThrow('division by zero');
    expect(connections.size).toBe(1);
  });

  it('whose table a migration has changed are parsed again on the same connection', async () => {
    const all = { name: 'thing_all', text: 'SELECT * FROM thing' };
    await database.query(insert, ['a']);
    expect(await database.query(all)).toEqual([{ name: 'a' }]);
    await sql(url, 'ALTER TABLE thing ADD COLUMN colour text');
    await expect(database.query(all)).rejects.toMatchObject({ code: '0A000' });
    expect(await database.query(all)).toEqual([{ name: 'a', colour: null }]);
    expect(connections.size).toBe(1);
  });

  it('return values of every type unchanged', async () => {
    const echo = {
      name: 'thing_echo',
      text: `SELECT $1::text AS text, $2::timestamptz AS time, $3::bytea AS bytes, $4::text[] AS texts, $5::timestamptz[] AS times,
               $6::jsonb AS json, $7::bigint AS big, $8::float8 AS float, $9::boolean AS yes, $10::text AS nothing`,
    };
    const time = new Date('9999-12-31T23:59:59.999Z');
    const texts = ['', 'a "b" \\ c', '{,}', 'NULL', 'ä€😀', null];
    const values = ["it's", time, Buffer.from([0, 255]), texts, [time], { a: [1, null] }, 2n ** 60n, 0.1, true, undefined];
    expect(await database.query(echo, values)).toEqual([
      {
        ...{ text: "it's", time, bytes: Buffer.from([0, 255]), texts, times: [time] },
        ...{ json: { a: [1, null] }, big: String(2n ** 60n), float: 0.1, yes: true, nothing: null },
      },
    ]);
  });

  it('are not sent if one of their values cannot be encoded', async () => {
    const work = database.transaction((transaction) => {
      transaction.enqueue(insert, ['a']);
      transaction.enqueue(insert, [[Buffer.from('no text format')]]);
    });
    await expect(work).rejects.toBeInstanceOf(TypeError);
    expect(await database.query(list)).toEqual([]);
  });
});

describe('statements of several concurrent requests', () => {
  const add = insertion({ name: 'thing_add', text: 'INSERT INTO thing (name) VALUES ($1)' });
  const look = lookup({ name: 'thing_look', text: 'SELECT name FROM thing WHERE name = $1' });
  const stumble = lookup({ name: 'thing_stumble', text: 'SELECT 1 / $1::int AS quotient' });
  let url: string;
  let dataSource: DataSource;
  let database: Database;
  let notified: string[];
  let acquired: number;
  beforeAll(async () => {
    url = await createDatabase();
    await sql(url, 'CREATE TABLE thing (name text CONSTRAINT thing_name PRIMARY KEY)');
    const postgres = new Postgres(url, 4);
    dataSource = await new DataSource(postgres.typeOrmOptions() as DataSourceOptions).initialize();
    postgres.pool.on('acquire', () => (acquired += 1));
    const outbox = new Outbox(new SystemClock());
    outbox.onCommit((events) => notified.push(...events.map(({ subject }) => subject)));
    database = new Database(postgres, outbox, dataSource);
  });
  beforeEach(async () => {
    await sql(url, 'TRUNCATE thing, outbox');
    notified = [];
    acquired = 0;
  });
  afterAll(async () => {
    await dataSource.destroy();
    await dropDatabase(url);
  });
  const addWithEvent = (name: string) =>
    database.transaction((transaction) => {
      transaction.enqueue(add, [name]);
      transaction.record(new Happened(name, { what: 'added' }));
      return name;
    });
  const stored = async () => ({
    things: (await sql<{ name: string }>(url, 'SELECT name FROM thing ORDER BY name')).map(({ name }) => name),
    events: (await sql<{ subject: string }>(url, 'SELECT subject FROM outbox ORDER BY subject')).map(({ subject }) => subject),
  });

  it('that are lookups share one connection, and each gets its own rows', async () => {
    await sql(url, "INSERT INTO thing VALUES ('a'), ('b')");
    const asked = ['b', 'nothing', 'a'].map((name) => database.query(look, [name]));
    expect(await Promise.all(asked)).toEqual([[{ name: 'b' }], [], [{ name: 'a' }]]);
    expect(acquired).toBe(1);
  });

  it('that are lookups succeed although one of them fails', async () => {
    const asked = [1, 0, 2].map((divisor) => database.query(stumble, [divisor]));
    const answers = await Promise.allSettled(asked);
    expect(answers).toMatchObject([
      { value: [{ quotient: 1 }] },
      { reason: { code: '22012' } },
      { value: [{ quotient: 0 }] },
    ]);
  });

  it('that only insert are committed together, each with its events', async () => {
    expect(await Promise.all(['a', 'b', 'c'].map(addWithEvent))).toEqual(['a', 'b', 'c']);
    expect(acquired).toBe(1);
    expect(await stored()).toEqual({ things: ['a', 'b', 'c'], events: ['a', 'b', 'c'] });
    expect(notified.sort()).toEqual(['a', 'b', 'c']);
  });

  it('that only insert are committed although one of them fails, which changes nothing', async () => {
    await sql(url, "INSERT INTO thing VALUES ('b')");
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(addWithEvent));
    expect(outcomes).toMatchObject([{ value: 'a' }, { reason: { code: '23505' } }, { value: 'c' }]);
    expect(await stored()).toEqual({ things: ['a', 'b', 'c'], events: ['a', 'c'] });
    expect(notified.sort()).toEqual(['a', 'c']);
  });

  it('whose connection is lost all throw DatabaseUnavailable and are not sent again', async () => {
    const hang = lookup({ name: 'thing_hang', text: 'SELECT name, pg_sleep(30) FROM thing WHERE name = $1' });
    await sql(url, "INSERT INTO thing VALUES ('a')");
    const asked = Promise.allSettled([database.query(look, ['a']), database.query(hang, ['a'])]);
    const name = new URL(url).pathname.slice(1);
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND wait_event = 'PgSleep'`;
    while ((await sql(url, end)).length === 0);
    const lost = expect.objectContaining({ reason: expect.any(DatabaseUnavailable) as unknown }) as unknown;
    expect(await asked).toEqual([lost, lost]);
    expect(acquired).toBe(1);
  });

  it('that must affect a row are not batched, so their failure affects no other request', async () => {
    const take = mustAffectRow({ name: 'thing_take', text: 'DELETE FROM thing WHERE name = $1 RETURNING 1' });
    const lost = database.transaction((transaction) => transaction.enqueue(take, ['nothing']));
    const outcomes = await Promise.allSettled([lost, addWithEvent('a'), addWithEvent('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(acquired).toBe(2);
  });
});
