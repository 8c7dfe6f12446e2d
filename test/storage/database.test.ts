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
const suicide = { name: 'thing_suicide', text: 'SELECT pg_terminate_backend(pg_backend_pid())' };

describe('a transaction', () => {
  let url: string;
  let dataSource: DataSource;
  let database: Database;
  let told: number;
  beforeAll(async () => {
    url = await createDatabase();
    await sql(url, 'CREATE TABLE thing (name text CONSTRAINT thing_name PRIMARY KEY)');
    const postgres = new Postgres(url, 2);
    dataSource = await new DataSource(postgres.typeOrmOptions() as DataSourceOptions).initialize();
    const outbox = new Outbox(new SystemClock());
    outbox.onCommit(() => told++);
    database = new Database(postgres, outbox, dataSource);
  });
  beforeEach(async () => {
    told = 0;
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

  it('T21: is committed with its facts when its work returns, and then the relay is told once', async () => {
    const answer = await database.transaction(async (transaction) => {
      transaction.record(new Happened('s', { what: 'first' }));
      const rows = await transaction.query(insert, ['a']);
      transaction.record(new Happened('s', { what: 'second' }), new Happened('s', { what: 'third' }));
      expect([await stored(), told]).toEqual([{ things: [], events: [] }, 0]);
      return rows;
    });
    expect(answer).toEqual([{ name: 'a' }]);
    expect([await stored(), told]).toEqual([{ things: ['a'], events: ['first', 'second', 'third'] }, 1]);
  });

  it('tells nobody of nothing', async () => {
    await database.transaction((transaction) => transaction.query(insert, ['a']));
    expect(told).toBe(0);
  });

  it('leaves nothing when its work throws, and throws the same', async () => {
    const reason = new Error('no');
    const work = database.transaction(async (transaction) => {
      await transaction.query(insert, ['a']);
      transaction.record(new Happened('s', { what: 'first' }));
      throw reason;
    });
    await expect(work).rejects.toBe(reason);
    expect([await stored(), told]).toEqual([{ things: [], events: [] }, 0]);
  });

  it('does not report a success when its work has swallowed the failure of a statement', async () => {
    const work = database.transaction(async (transaction) => {
      await transaction.query(insert, ['a']);
      await transaction.query(fail).catch(() => undefined);
      return 'done';
    });
    await expect(work).rejects.toThrow('rolled back');
    expect(await stored()).toEqual({ things: [], events: [] });
  });

  it('leaves nothing when its facts cannot be stored', async () => {
    const work = database.transaction(async (transaction) => {
      await transaction.query(insert, ['a']);
      transaction.record(new Happened('s', { what: '\0' }));
    });
    await expect(work).rejects.toThrow();
    expect([await stored(), told]).toEqual([{ things: [], events: [] }, 0]);
  });

  it('whose connection is lost is DatabaseUnavailable, and the next one has another', async () => {
    for (let round = 0; round < 5; round++) {
      const work = database.transaction(async (transaction) => {
        await transaction.query(insert, ['a']);
        await transaction.query(suicide);
      });
      await expect(work).rejects.toBeInstanceOf(DatabaseUnavailable);
    }
    await database.transaction((transaction) => transaction.query(insert, ['b']));
    expect(await stored()).toEqual({ things: ['b'], events: [] });
  });

  describe('with a claim', () => {
    const take = mustAffectRow({ name: 'thing_take', text: 'DELETE FROM thing WHERE name = $1 RETURNING 1' });
    const takeIn = (before: (transaction: Transaction) => Promise<unknown>) =>
      database.transaction(async (transaction) => {
        await before(transaction);
        transaction.enqueue(take, ['a']);
        transaction.enqueue(insert, ['b']);
        transaction.record(new Happened('s', { what: 'taken' }));
      });

    it.each([
      ['that leaves with all the rest', () => Promise.resolve()],
      ['behind what was waited for', (transaction: Transaction) => transaction.query(list)],
    ])('%s, one of many wins, and of the others nothing happens', async (_way, before) => {
      await database.query(insert, ['a']);
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => takeIn(before)));
      const lost = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
      expect(lost).toHaveLength(9);
      for (const reason of lost) expect(reason).toBeInstanceOf(NoRowAffected);
      expect([await stored(), told]).toEqual([{ things: ['b'], events: ['taken'] }, 1]);
    });
  });

  it('goes back to the pool after each failure', async () => {
    for (let round = 0; round < 10; round++) await expect(database.transaction((on) => on.query(fail))).rejects.toThrow('division by zero');
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => database.transaction((on) => on.query(insert, [name]))));
    expect((await stored()).things).toEqual(['a', 'b', 'c', 'd']);
  });

});

describe('statements that travel together', () => {
  let url: string;
  let dataSource: DataSource;
  let database: Database;
  const connections = new Set<unknown>();
  beforeAll(async () => {
    url = await createDatabase();
    await sql(url, 'CREATE TABLE thing (name text CONSTRAINT thing_name PRIMARY KEY)');
    // One connection: what it knows of a statement, it knows from the test before.
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

  it('are one transaction without a BEGIN: the failure of one undoes those before it', async () => {
    const work = database.transaction((transaction) => {
      transaction.enqueue(insert, ['a']);
      transaction.enqueue(insert, ['a']);
      transaction.record(new Happened('s', { what: 'never' }));
    });
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(await names()).toEqual([]);
    expect(await sql(url, 'SELECT 1 FROM outbox')).toEqual([]);
  });

  it('happen in the order in which they were written, before what is waited for', async () => {
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

  it('that could not be parsed, or were never reached, are parsed again on the same connection', async () => {
    const wrong = { name: 'thing_wrong', text: 'SELECT nothing FROM thing' };
    const behind = { name: 'thing_behind', text: "SELECT 'reached' AS answer" };
    for (let round = 0; round < 3; round++) {
      const both = database.queryTogether([{ statement: wrong, values: [] }, { statement: behind, values: [] }]);
      await expect(both).rejects.toMatchObject({ code: '42703' });
      if (round > 0) expect(await database.query(behind)).toEqual([{ answer: 'reached' }]);
    }
    expect(connections.size).toBe(1);
  });

  it('that failed while they ran are used again on the same connection', async () => {
    for (let round = 0; round < 3; round++) await expect(database.query(fail)).rejects.toThrow('division by zero');
    expect(connections.size).toBe(1);
  });

  it('that a migration has changed are parsed anew on the same connection', async () => {
    const all = { name: 'thing_all', text: 'SELECT * FROM thing' };
    await database.query(insert, ['a']);
    expect(await database.query(all)).toEqual([{ name: 'a' }]);
    await sql(url, 'ALTER TABLE thing ADD COLUMN colour text');
    await expect(database.query(all)).rejects.toMatchObject({ code: '0A000' });
    expect(await database.query(all)).toEqual([{ name: 'a', colour: null }]);
    expect(connections.size).toBe(1);
  });

  it('carry every kind of value as Postgres has it', async () => {
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

  it('are not sent at all where a value cannot be', async () => {
    const work = database.transaction((transaction) => {
      transaction.enqueue(insert, ['a']);
      transaction.enqueue(insert, [[Buffer.from('no text format')]]);
    });
    await expect(work).rejects.toBeInstanceOf(TypeError);
    expect(await database.query(list)).toEqual([]);
  });
});

describe('statements of several requests', () => {
  const add = insertion({ name: 'thing_add', text: 'INSERT INTO thing (name) VALUES ($1)' });
  const look = lookup({ name: 'thing_look', text: 'SELECT name FROM thing WHERE name = $1' });
  const stumble = lookup({ name: 'thing_stumble', text: 'SELECT 1 / $1::int AS quotient' });
  let url: string;
  let dataSource: DataSource;
  let database: Database;
  let told: string[];
  let journeys: number;
  beforeAll(async () => {
    url = await createDatabase();
    await sql(url, 'CREATE TABLE thing (name text CONSTRAINT thing_name PRIMARY KEY)');
    const postgres = new Postgres(url, 4);
    dataSource = await new DataSource(postgres.typeOrmOptions() as DataSourceOptions).initialize();
    postgres.pool.on('acquire', () => (journeys += 1));
    const outbox = new Outbox(new SystemClock());
    outbox.onCommit((events) => told.push(...events.map(({ subject }) => subject)));
    database = new Database(postgres, outbox, dataSource);
  });
  beforeEach(async () => {
    await sql(url, 'TRUNCATE thing, outbox');
    told = [];
    journeys = 0;
  });
  afterAll(async () => {
    await dataSource.destroy();
    await dropDatabase(url);
  });
  const addWithFact = (name: string) =>
    database.transaction((transaction) => {
      transaction.enqueue(add, [name]);
      transaction.record(new Happened(name, { what: 'added' }));
      return name;
    });
  const stored = async () => ({
    things: (await sql<{ name: string }>(url, 'SELECT name FROM thing ORDER BY name')).map(({ name }) => name),
    facts: (await sql<{ subject: string }>(url, 'SELECT subject FROM outbox ORDER BY subject')).map(({ subject }) => subject),
  });

  it('that look something up go over one connection, and each gets its own rows', async () => {
    await sql(url, "INSERT INTO thing VALUES ('a'), ('b')");
    const asked = ['b', 'nothing', 'a'].map((name) => database.query(look, [name]));
    expect(await Promise.all(asked)).toEqual([[{ name: 'b' }], [], [{ name: 'a' }]]);
    expect(journeys).toBe(1);
  });

  it('that look something up answer although one among them fails', async () => {
    const asked = [1, 0, 2].map((divisor) => database.query(stumble, [divisor]));
    const answers = await Promise.allSettled(asked);
    expect(answers).toMatchObject([
      { value: [{ quotient: 1 }] },
      { reason: { code: '22012' } },
      { value: [{ quotient: 0 }] },
    ]);
  });

  it('that only insert are committed together, each with its facts', async () => {
    expect(await Promise.all(['a', 'b', 'c'].map(addWithFact))).toEqual(['a', 'b', 'c']);
    expect(journeys).toBe(1);
    expect(await stored()).toEqual({ things: ['a', 'b', 'c'], facts: ['a', 'b', 'c'] });
    expect(told.sort()).toEqual(['a', 'b', 'c']);
  });

  it('that only insert are committed although one among them is refused, which leaves nothing', async () => {
    await sql(url, "INSERT INTO thing VALUES ('b')");
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(addWithFact));
    expect(outcomes).toMatchObject([{ value: 'a' }, { reason: { code: '23505' } }, { value: 'c' }]);
    expect(await stored()).toEqual({ things: ['a', 'b', 'c'], facts: ['a', 'c'] });
    expect(told.sort()).toEqual(['a', 'c']);
  });

  it('that are lost with their connection are DatabaseUnavailable, each of them, and not sent again', async () => {
    const hang = lookup({ name: 'thing_hang', text: 'SELECT name, pg_sleep(30) FROM thing WHERE name = $1' });
    await sql(url, "INSERT INTO thing VALUES ('a')");
    const asked = Promise.allSettled([database.query(look, ['a']), database.query(hang, ['a'])]);
    const name = new URL(url).pathname.slice(1);
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND wait_event = 'PgSleep'`;
    while ((await sql(url, end)).length === 0);
    const lost = expect.objectContaining({ reason: expect.any(DatabaseUnavailable) as unknown }) as unknown;
    expect(await asked).toEqual([lost, lost]);
    expect(journeys).toBe(1);
  });

  it('that claim leave alone: nobody shares the fate of a loser, or waits with it', async () => {
    const take = mustAffectRow({ name: 'thing_take', text: 'DELETE FROM thing WHERE name = $1 RETURNING 1' });
    const lost = database.transaction((transaction) => transaction.enqueue(take, ['nothing']));
    const outcomes = await Promise.allSettled([lost, addWithFact('a'), addWithFact('b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(journeys).toBe(2);
  });
});
