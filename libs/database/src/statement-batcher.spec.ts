import { setTimeout as pause } from 'node:timers/promises';
import type { Outcome } from './pipeline.js';
import { DatabaseUnavailable } from '#kernel/errors.js';
import { StatementBatcher } from './statement-batcher.js';
import { insertion, lookup, type Step } from './statement.js';

const step = (name: string): Step => ({ statement: { name, text: 'SELECT 1' }, values: [] });
const answerTo = ({ statement: { name } }: Step): Outcome => ({ rows: [{ name }], command: 'SELECT 1' });

/** A database that notes who came together, and answers when it is told to. */
function database() {
  const journeys: string[][] = [];
  const returns: (() => void)[] = [];
  const send = async (steps: readonly Step[]): Promise<readonly Outcome[]> => {
    const names = steps.map(({ statement }) => statement.name);
    journeys.push(names);
    await new Promise<void>((resolve) => returns.push(resolve));
    if (names.includes('lost')) throw new DatabaseUnavailable('the database does not answer');
    if (names.includes('wrong')) throw new Error('wrong');
    return steps.map(answerTo);
  };
  const nextTurn = () => pause(0);
  const nextReturns = async (): Promise<void> => {
    returns.shift()?.();
    await nextTurn();
  };
  return { gathering: new StatementBatcher(send), journeys, nextTurn, nextReturns };
}

const namesIn = (outcomes: readonly Outcome[]): unknown[] => outcomes.map(({ rows }) => rows[0]);

describe('what several requests send', () => {
  it('in one turn leaves together, and each gets its own', async () => {
    const { gathering, journeys, nextTurn, nextReturns } = database();
    const got = Promise.all([gathering.enqueue([step('a')]), gathering.enqueue([step('b'), step('c')])]);
    expect(journeys).toEqual([]);
    await nextTurn();
    expect(journeys).toEqual([['a', 'b', 'c']]);
    await nextReturns();
    expect((await got).map(namesIn)).toEqual([[{ name: 'a' }], [{ name: 'b' }, { name: 'c' }]]);
  });

  it('while others are under way leaves when they return', async () => {
    const { gathering, journeys, nextTurn, nextReturns } = database();
    const first = gathering.enqueue([step('a')]);
    await nextTurn();
    const later = [gathering.enqueue([step('b')]), gathering.enqueue([step('c')])];
    await nextReturns();
    await first;
    expect(journeys).toEqual([['a'], ['b', 'c']]);
    await nextReturns();
    expect((await Promise.all(later)).map(namesIn)).toEqual([[{ name: 'b' }], [{ name: 'c' }]]);
  });

  it('does not wait for ever for others that do not return', async () => {
    const { gathering, journeys, nextTurn } = database();
    void gathering.enqueue([step('stuck')]);
    await nextTurn();
    void gathering.enqueue([step('b')]);
    void gathering.enqueue([step('c')]);
    await pause(50);
    expect(journeys).toEqual([['stuck'], ['b', 'c']]);
  });

  it('leaves in parties of sixteen, so that a burst is spread over connections', async () => {
    const { gathering, journeys, nextTurn } = database();
    for (let n = 0; n < 40; n++) void gathering.enqueue([step(String(n))]);
    await nextTurn();
    expect(journeys.map((names) => names.length)).toEqual([16, 16, 8]);
  });

  it('is sent again one by one where one of them is wrong: that one fails alone', async () => {
    const { gathering, journeys, nextTurn, nextReturns } = database();
    const got = Promise.allSettled(['a', 'wrong', 'b'].map((name) => gathering.enqueue([step(name)])));
    await nextTurn();
    for (let n = 0; n < 4; n++) await nextReturns();
    expect(journeys).toEqual([['a', 'wrong', 'b'], ['a'], ['wrong'], ['b']]);
    expect((await got).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('is not sent again where the answer was lost: it may have happened', async () => {
    const { gathering, journeys, nextTurn, nextReturns } = database();
    const got = Promise.allSettled(['a', 'lost'].map((name) => gathering.enqueue([step(name)])));
    await nextTurn();
    await nextReturns();
    const unavailable = expect.objectContaining({ reason: expect.any(DatabaseUnavailable) as unknown }) as unknown;
    expect(await got).toEqual([unavailable, unavailable]);
    expect(journeys).toEqual([['a', 'lost']]);
  });
});

describe('a statement that travels with others', () => {
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
  ])('is no lookup where it writes or locks: %s', (text) => {
    expect(() => lookup({ name, text })).toThrow('does more than look something up');
  });

  it('may be a plain insert of one row', () => {
    expect(insertion({ name, text: 'INSERT INTO outbox (id, type)\n VALUES ($1, $2)' }).batchable).toBe('insert');
  });

  it.each([
    'INSERT INTO consents (sub) VALUES ($1) ON CONFLICT (sub) DO UPDATE SET scope = $2',
    'INSERT INTO sessions (sub) SELECT sub FROM accounts WHERE sub = $1 FOR SHARE',
    'INSERT INTO accounts (sub) VALUES ($1) RETURNING sub',
  ])('is no plain insert where it can meet the rows of others: %s', (text) => {
    expect(() => insertion({ name, text })).toThrow('does more than insert a row');
  });
});
