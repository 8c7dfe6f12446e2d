import { setTimeout as pause } from 'node:timers/promises';
import type { Outcome } from './pipeline.js';
import { DatabaseUnavailable } from '#kernel/errors.js';
import { StatementBatcher } from './statement-batcher.js';
import { insertion, lookup, type Step } from './statement.js';

const step = (name: string): Step => ({ statement: { name, text: 'SELECT 1' }, values: [] });
const answerTo = ({ statement: { name } }: Step): Outcome => ({ rows: [{ name }], command: 'SELECT 1' });

/** A database that records the batches it receives, and answers a batch when `answerNext` is called. */
function database() {
  const batches: string[][] = [];
  const answers: (() => void)[] = [];
  const send = async (steps: readonly Step[]): Promise<readonly Outcome[]> => {
    const names = steps.map(({ statement }) => statement.name);
    batches.push(names);
    await new Promise<void>((resolve) => answers.push(resolve));
    if (names.includes('lost')) throw new DatabaseUnavailable('the database does not answer');
    if (names.includes('wrong')) throw new Error('wrong');
    return steps.map(answerTo);
  };
  const nextTurn = () => pause(0);
  const answerNext = async (): Promise<void> => {
    answers.shift()?.();
    await nextTurn();
  };
  return { batcher: new StatementBatcher(send), batches, nextTurn, answerNext };
}

const namesIn = (outcomes: readonly Outcome[]): unknown[] => outcomes.map(({ rows }) => rows[0]);

describe('the statements of several requests', () => {
  it('in one turn of the event loop are one batch, and each request gets its own rows', async () => {
    const { batcher, batches, nextTurn, answerNext } = database();
    const got = Promise.all([batcher.enqueue([step('a')]), batcher.enqueue([step('b'), step('c')])]);
    expect(batches).toEqual([]);
    await nextTurn();
    expect(batches).toEqual([['a', 'b', 'c']]);
    await answerNext();
    expect((await got).map(namesIn)).toEqual([[{ name: 'a' }], [{ name: 'b' }, { name: 'c' }]]);
  });

  it('are sent when the batch in flight is answered', async () => {
    const { batcher, batches, nextTurn, answerNext } = database();
    const first = batcher.enqueue([step('a')]);
    await nextTurn();
    const later = [batcher.enqueue([step('b')]), batcher.enqueue([step('c')])];
    await answerNext();
    await first;
    expect(batches).toEqual([['a'], ['b', 'c']]);
    await answerNext();
    expect((await Promise.all(later)).map(namesIn)).toEqual([[{ name: 'b' }], [{ name: 'c' }]]);
  });

  it('do not wait for ever for a batch that is not answered', async () => {
    const { batcher, batches, nextTurn } = database();
    void batcher.enqueue([step('stuck')]);
    await nextTurn();
    void batcher.enqueue([step('b')]);
    void batcher.enqueue([step('c')]);
    await pause(50);
    expect(batches).toEqual([['stuck'], ['b', 'c']]);
  });

  it('are sent in batches of sixteen, so a burst uses several connections', async () => {
    const { batcher, batches, nextTurn } = database();
    for (let n = 0; n < 40; n++) void batcher.enqueue([step(String(n))]);
    await nextTurn();
    expect(batches.map((names) => names.length)).toEqual([16, 16, 8]);
  });

  it('are sent again one by one if one of them fails, so only that one fails', async () => {
    const { batcher, batches, nextTurn, answerNext } = database();
    const got = Promise.allSettled(['a', 'wrong', 'b'].map((name) => batcher.enqueue([step(name)])));
    await nextTurn();
    for (let n = 0; n < 4; n++) await answerNext();
    expect(batches).toEqual([['a', 'wrong', 'b'], ['a'], ['wrong'], ['b']]);
    expect((await got).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('are not sent again if the answer was lost, because they may have been executed', async () => {
    const { batcher, batches, nextTurn, answerNext } = database();
    const got = Promise.allSettled(['a', 'lost'].map((name) => batcher.enqueue([step(name)])));
    await nextTurn();
    await answerNext();
    const unavailable = expect.objectContaining({ reason: expect.any(DatabaseUnavailable) as unknown }) as unknown;
    expect(await got).toEqual([unavailable, unavailable]);
    expect(batches).toEqual([['a', 'lost']]);
  });
});

describe('a batchable statement', () => {
  const name = 'one';
  it.each([
    'SELECT scope FROM consents WHERE sub = $1',
    "SELECT string_to_array(scope, ' ') FROM grants WHERE id = $1",
  ])('may be a lookup: %s', (text) => {
    expect(lookup({ name, text }).batchable).toBe('lookup');
  });

  it.each([
    'SELECT 1 FROM clients WHERE client_id = $1 FOR UPDATE',
    'SELECT 1 FROM accounts\nWHERE sub = $1\nfor share',
    'UPDATE clients SET enabled = false RETURNING 1',
    'WITH gone AS (DELETE FROM clients RETURNING 1) SELECT 1 FROM gone',
  ])('is not a lookup if it writes or locks: %s', (text) => {
    expect(() => lookup({ name, text })).toThrow('does more than look something up');
  });

  it('may be a plain insert of one row', () => {
    expect(insertion({ name, text: 'INSERT INTO outbox (id, type)\n VALUES ($1, $2)' }).batchable).toBe('insert');
  });

  it.each([
    'INSERT INTO consents (sub) VALUES ($1) ON CONFLICT (sub) DO UPDATE SET scope = $2',
    'INSERT INTO sessions (sub) SELECT sub FROM accounts WHERE sub = $1 FOR SHARE',
    'INSERT INTO accounts (sub) VALUES ($1) RETURNING sub',
  ])('is not a plain insert if it reads or answers rows: %s', (text) => {
    expect(() => insertion({ name, text })).toThrow('does more than insert a row');
  });
});
