import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type INestApplicationContext, type LoggerService, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { EventsModule } from '#events/events.module.js';
import { type CloudEvent, ListEvents } from '#events/contracts.js';
import { type Delivered, DomainEvent, On, QueryBus } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { DatabaseModule } from '#database/database.module.js';
import { KernelModule } from '#kernel/kernel.module.js';
import { Keyring } from '#kernel/keyring.js';
import { Secret } from '#kernel/secrets.js';
import { currentTraceId, inTrace, newTraceId } from '#kernel/request-context.js';
import { createDatabase, dropDatabase, sql as sqlOn } from '#test/database.js';

const ISSUER = 'https://id.company.test';

class Counted extends DomainEvent<{ n: number }> {
  static readonly type = 'gatehouse.test.counted.v1';
}

class Other extends DomainEvent<{ n: number }> {
  static readonly type = 'gatehouse.test.other.v1';
}

type Receive = (delivered: Delivered<Counted>) => Promise<void>;

class Mailer {
  constructor(private readonly receive: Receive) {}

  @On(Counted)
  async onCounted(delivered: Delivered<Counted>): Promise<void> {
    await this.receive(delivered);
  }
}

class Auditor {
  constructor(private readonly receive: Receive) {}

  @On(Counted)
  async onCounted(delivered: Delivered<Counted>): Promise<void> {
    await this.receive(delivered);
  }
}

class ManualClock extends Clock {
  #now = Date.parse('2026-01-02T03:04:05Z');

  now(): Date {
    return new Date(this.#now);
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}

class SpyLog implements LoggerService {
  readonly lines: string[] = [];

  log(): void {
    // The tests only check warnings and errors.
  }

  warn(message: unknown): void {
    this.lines.push(`warn ${String(message)}`);
  }

  error(message: unknown): void {
    this.lines.push(`error ${String(message)}`);
  }
}

const FAST = { pollMs: 20, handlerTimeoutMs: 2000, drainMs: 500 };

let url: string;
let clock: ManualClock;
let log: SpyLog;
let servers: INestApplicationContext[];

/** A server with only the kernel, the database, the relay and the given event handlers. */
async function startServer(receivers: readonly object[] = [], pace: object = {}): Promise<INestApplicationContext> {
  const module = await Test.createTestingModule({
    imports: [
      KernelModule.with({ clock, keyring: new Keyring([new Secret('a secret of the tests alone')]) }),
      DatabaseModule.with(url),
      EventsModule.with({ issuer: ISSUER }, { ...FAST, ...pace }),
    ],
    providers: receivers.map((receiver) => ({ provide: receiver.constructor, useValue: receiver })),
  }).setLogger(log).compile();
  await module.init();
  servers.push(module);
  return module;
}

async function sql<Row extends object>(text: string): Promise<Row[]> {
  return sqlOn<Row>(url, text);
}

/** Runs a statement in another database than that of the test. */
async function administrate(text: string): Promise<void> {
  await sqlOn(process.env['TEST_DATABASE_URL'] ?? '', text);
}

async function record(server: INestApplicationContext, ...events: DomainEvent[]): Promise<void> {
  await server.get(Database).transaction(async (transaction) => transaction.record(...events));
}

function counted(n: number): Counted {
  return new Counted(`c-${n}`, { n });
}

type Page = readonly CloudEvent[];

async function listed(server: INestApplicationContext, after = 0n, limit = 200, types?: string[]): Promise<Page> {
  return server.get(QueryBus).execute(new ListEvents({ after, types, limit }));
}

async function eventually(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await what()) return;
    await pause(10);
  }
  throw new Error(`the condition did not hold within 5 s: ${what.toString()}`);
}

const numberOf = ({ data }: { data: object }): number => (data as { n: number }).n;
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
const isBetween = (number: number, least: number, most: number): boolean => number >= least && number <= most;
const ascending = (one: number, other: number): number => one - other;

beforeEach(async () => {
  url = await createDatabase();
  clock = new ManualClock();
  log = new SpyLog();
  servers = [];
});

afterEach(async () => {
  await Promise.all(servers.map(async (server) => server.close()));
  await dropDatabase(url);
});

describe('the log', () => {
  it('has no gap, and no event appears behind a cursor, with slow and failing writers on two servers', async () => {
    const [one, other] = [await startServer(), await startServer()];
    const committed: number[] = [];
    let next = 0;
    const writer = async (server: INestApplicationContext): Promise<void> => {
      for (let round = 0; round < 12; round++) {
        const numbers = Array.from({ length: randomInt(1, 4) }, () => next++);
        const fails = randomInt(4) === 0;
        const work = server.get(Database).transaction(async (transaction) => {
          transaction.record(...numbers.map(counted));
          await transaction.query({ name: 'slow', text: 'SELECT pg_sleep($1)' }, [randomInt(30) / 1000]);
          if (fails) throw new Error('rolled back');
        });
        await work.then(() => committed.push(...numbers), () => undefined);
      }
    };
    let writing = true;
    const reader = async (server: INestApplicationContext): Promise<CloudEvent[]> => {
      const seen: CloudEvent[] = [];
      while (true) {
        const last = !writing;
        const page = await listed(server, BigInt(seen.at(-1)?.sequence ?? 0), 7);
        seen.push(...page);
        if (last && page.length === 0) return seen;
      }
    };
    const readers = [reader(one), reader(other)];
    await Promise.all(Array.from({ length: 20 }, async (_, index) => writer(index % 2 === 0 ? one : other)));
    writing = false;
    const [first, second] = await Promise.all(readers);
    expect(first!.map(({ sequence }) => Number(sequence))).toEqual(upTo(committed.length));
    expect(first!.map(numberOf).sort(ascending)).toEqual(committed.sort(ascending));
    expect(second).toEqual(first);
  });

  it('an event of a slow transaction gets a position after the events that were read before its commit', async () => {
    const server = await startServer();
    await server.get(Database).transaction(async (transaction) => {
      // An event that was recorded earlier but is committed later.
      await transaction.query({
        name: 'early',
        text: 'INSERT INTO outbox VALUES (\'00000000-0000-7000-8000-000000000001\', $1, \'slow\', now(), NULL, \'{"n": 1}\')',
      }, [Counted.type]);
      await record(server, counted(2));
      expect((await listed(server)).map(numberOf)).toEqual([2]);
    });
    expect((await listed(server, 1n)).map(({ sequence, data }) => [sequence, data])).toEqual([['2', { n: 1 }]]);
  });

  it('returns an event to the first query after its commit, in the order in which the events were recorded', async () => {
    const server = await startServer([], { pollMs: 60_000 });
    const traceId = newTraceId();
    await inTrace(traceId, () => record(server, ...upTo(50).map(counted)));
    const events = await listed(server);
    expect(events.map(numberOf)).toEqual(upTo(50));
    expect(events[0]).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      type: Counted.type,
      source: ISSUER,
      subject: 'c-1',
      time: '2026-01-02T03:04:05.000Z',
      datacontenttype: 'application/json',
      data: { n: 1 },
      sequence: '1',
      traceid: traceId,
    });
  });

  it('has no gap after the transaction of a sequencer was rolled back', async () => {
    const server = await startServer([], { batch: 10 });
    await record(server, counted(1));
    await listed(server);
    await sql('ALTER TABLE event_log ADD CONSTRAINT refuse CHECK (data <> \'{"n": 13}\')');
    await record(server, ...upTo(15).slice(1).map(counted));
    await expect(listed(server)).rejects.toThrow('refuse');
    await sql('ALTER TABLE event_log DROP CONSTRAINT refuse');
    const events = await listed(server);
    expect(events.map(({ sequence }) => Number(sequence))).toEqual(upTo(15));
    expect(events.map(numberOf)).toEqual(upTo(15));
  });

  it('can be read by type, in the order of the log', async () => {
    const server = await startServer();
    await record(server, counted(1), new Other('o', { n: 2 }), counted(3), new Other('o', { n: 4 }));
    expect((await listed(server, 0n, 9, [Other.type])).map(numberOf)).toEqual([2, 4]);
    expect((await listed(server, 1n, 2, [Other.type, Counted.type, Other.type])).map(numberOf)).toEqual([2, 3]);
    expect(await listed(server, 0n, 9, ['gatehouse.test.unheard-of.v1'])).toEqual([]);
  });
});

describe('a handler', () => {
  it('is called after the commit, in the trace of the event, and never for a transaction that was rolled back', async () => {
    const received: [Delivered<Counted>, string | undefined][] = [];
    const server = await startServer([new Mailer(async (delivered) => void received.push([delivered, currentTraceId()]))]);
    const rolledBack = server.get(Database).transaction(async (transaction) => {
      transaction.record(counted(1));
      throw new Error('rolled back');
    });
    await expect(rolledBack).rejects.toThrow('rolled back');
    const traceId = newTraceId();
    await inTrace(traceId, () => server.get(Database).transaction(async (transaction) => {
      transaction.record(counted(2));
      await pause(100);
      expect(received).toEqual([]);
    }));
    await eventually(() => received.length > 0);
    await pause(100);
    expect(received).toEqual([[
      expect.objectContaining({ type: Counted.type, subject: 'c-2', sequence: '1', traceId, time: clock.now(), data: { n: 2 } }),
      traceId,
    ]]);
    await eventually(async () => (await sql('SELECT FROM event_deliveries')).length === 0);
  });

  it('is called without waiting for the next poll if the commit was on its server', async () => {
    const received: number[] = [];
    const server = await startServer([new Mailer(async ({ data }) => void received.push(data.n))], { pollMs: 60_000 });
    await record(server, counted(1));
    await eventually(() => received.length === 1);
    expect(received).toEqual([1]);
  });

  it('is called once for each event if two servers share the work', async () => {
    const [here, there]: [number[], number[]] = [[], []];
    const receiveIn = (received: number[]): Mailer => new Mailer(async ({ data }) => {
      received.push(data.n);
      await pause(3);
    });
    const server = await startServer([receiveIn(here)], { concurrency: 3 });
    await startServer([receiveIn(there)], { concurrency: 3 });
    for (const part of upTo(10)) await record(server, ...upTo(20).map((n) => counted(n + 20 * (part - 1))));
    await eventually(async () => here.length + there.length >= 200 && (await sql('SELECT FROM event_deliveries')).length === 0);
    expect([...here, ...there].sort(ascending)).toEqual(upTo(200));
    expect([here.length > 0, there.length > 0]).toEqual([true, true]);
  });

  it('gets the event again if its server died, but not before the lease has expired', async () => {
    const attempts: string[] = [];
    const dying = await startServer([new Mailer(async () => {
      attempts.push('first');
      await pause(60_000, undefined, { ref: false });
    })], { handlerTimeoutMs: 59_000, drainMs: 20 });
    await record(dying, counted(1));
    await eventually(() => attempts.length === 1);
    await dying.close();
    servers = [];
    await startServer([new Mailer(async () => void attempts.push('second'))]);
    await pause(150);
    expect(attempts).toEqual(['first']);
    clock.advance(60_001);
    await eventually(() => attempts.length === 2);
    expect(attempts).toEqual(['first', 'second']);
  });

  it('that throws gets the event again after pauses of growing length', async () => {
    let calls = 0;
    const server = await startServer([new Mailer(async () => {
      calls++;
      if (calls < 5) throw new Error('the post office is closed');
    })]);
    await record(server, counted(1));
    const pauses: number[] = [];
    for (const failures of upTo(4)) {
      const due = async (): Promise<number> => {
        const [row] = await sql<{ at: Date; attempts: number }>('SELECT next_attempt_at AS at, attempts FROM event_deliveries');
        return row?.attempts === failures && calls === failures ? row.at.getTime() - clock.now().getTime() : 0;
      };
      const shortest = 1000 * 2 ** (failures - 1);
      await eventually(async () => isBetween(await due(), shortest, shortest * 1.2));
      const pauseMs = await due();
      pauses.push(pauseMs);
      clock.advance(pauseMs - 1);
      await pause(60);
      expect(calls).toBe(failures);
      clock.advance(1);
    }
    await eventually(async () => calls === 5 && (await sql('SELECT FROM event_deliveries')).length === 0);
    expect(pauses).toEqual([...pauses].sort(ascending));
    expect(log.lines.filter((line) => /Mailer\.onCounted.*the post office is closed/.test(line))).toHaveLength(4);
  });

  it('that hangs or throws does not stop the other handlers', async () => {
    const [hanging, failing, sound]: [number[], number[], number[]] = [[], [], []];
    class Hanging extends Mailer {}
    class Failing extends Mailer {}
    const server = await startServer([
      new Hanging(async ({ data }) => {
        hanging.push(data.n);
        await pause(60_000, undefined, { ref: false });
      }),
      new Failing(async ({ data }) => {
        failing.push(data.n);
        throw new Error('no');
      }),
      new Mailer(async ({ data }) => void sound.push(data.n)),
    ], { concurrency: 1, handlerTimeoutMs: 50 });
    await record(server, ...upTo(8).map(counted));
    await eventually(() => sound.length === 8 && hanging.length === 8 && failing.length === 8);
    expect(sound).toEqual(upTo(8));
    await eventually(async () => (await sql('SELECT FROM event_deliveries WHERE handler = \'Mailer.onCounted\'')).length === 0);
    expect(await sql('SELECT handler, count(*)::int, min(attempts) FROM event_deliveries GROUP BY 1 ORDER BY 1')).toEqual([
      { handler: 'Failing.onCounted', count: 8, min: 1 },
      { handler: 'Hanging.onCounted', count: 8, min: 1 },
    ]);
  });

  it('that only another server has gets the events of this server, and only the other server delivers them', async () => {
    const [mailed, audited]: [number[], number[]] = [[], []];
    const old = await startServer([new Mailer(async ({ data }) => void mailed.push(data.n))]);
    const newer = await startServer([new Auditor(async ({ data }) => void audited.push(data.n))]);
    await eventually(async () => (await sql('SELECT FROM event_handlers')).length === 2);
    await newer.close();
    await record(old, counted(1));
    await eventually(() => mailed.length === 1);
    await pause(100);
    expect(await sql('SELECT handler, attempts FROM event_deliveries')).toEqual([{ handler: 'Auditor.onCounted', attempts: 0 }]);
    await startServer([new Auditor(async ({ data }) => void audited.push(data.n))]);
    await eventually(() => audited.length === 1);
    expect([mailed, audited]).toEqual([[1], [1]]);
  });

  it('that no server has had for a day gets no further events', async () => {
    const gone = await startServer([new Auditor(async () => undefined)]);
    await eventually(async () => (await sql('SELECT FROM event_handlers')).length === 1);
    await gone.close();
    clock.advance(25 * 3600 * 1000);
    const server = await startServer();
    await record(server, counted(1));
    expect(await listed(server)).toHaveLength(1);
    expect(await sql('SELECT FROM event_deliveries')).toEqual([]);
  });

  it('stops the start if its name is not unique, or if its provider is request-scoped', async () => {
    const imports = [
      KernelModule.with({ clock, keyring: new Keyring([new Secret('a secret of the tests alone')]) }),
      DatabaseModule.with(url),
      EventsModule.with({ issuer: ISSUER }, FAST),
    ];
    const starting = async (...providers: object[]): Promise<void> => {
      const module = await Test.createTestingModule({ imports, providers: providers as never }).setLogger(log).compile();
      servers.push(module);
      await module.init();
    };
    const mailer = (token: string): object => ({ provide: token, useValue: new Mailer(async () => undefined) });
    await expect(starting(mailer('a'), mailer('b'))).rejects.toThrow('two providers have the event handler Mailer.onCounted');
    const perRequest = { provide: 'c', scope: Scope.REQUEST, useClass: Mailer, inject: [] };
    await expect(starting(perRequest, { provide: Function, useValue: () => undefined })).rejects.toThrow('lives for one request');
  });
});

describe('the relay', () => {
  it('survives an outage of the database, logs it once, and continues by itself', async () => {
    const received: number[] = [];
    const server = await startServer([new Mailer(async ({ data }) => void received.push(data.n))]);
    const name = new URL(url).pathname.slice(1);
    await record(server, counted(1));
    await eventually(() => received.length === 1);
    const underWay = server.get(Database).transaction(async (transaction) => {
      transaction.record(counted(9));
      await pause(300);
    });
    const lost = expect(underWay).rejects.toThrow('does not answer');
    await pause(50);
    await administrate(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    await administrate(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    await lost;
    await expect(record(server, counted(2))).rejects.toThrow();
    await pause(1500);
    expect(log.lines.filter((line) => line.includes('events wait'))).toHaveLength(1);
    await administrate(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
    await record(server, counted(3));
    await eventually(() => received.length === 2);
    expect(received).toEqual([1, 3]);
  });

  it('waits for running handlers when it stops', async () => {
    const steps: string[] = [];
    const server = await startServer([new Mailer(async () => {
      steps.push('begun');
      await pause(200);
      steps.push('ended');
    })]);
    await record(server, counted(1));
    await eventually(() => steps.length === 1);
    await server.close();
    expect(steps).toEqual(['begun', 'ended']);
    expect(await sql('SELECT FROM event_deliveries')).toEqual([]);
    servers = [];
  });
});
