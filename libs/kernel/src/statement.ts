/** A statement that Postgres parses once per connection, under its name, and plans from then on. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** It waits for no lock of others and makes none wait: it may share a round trip with those of other requests. */
  readonly sociable?: 'lookup' | 'insert';
}

/** A statement with the values of its parameters. */
export interface Step {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

/** Makes a statement that reads rows by their keys, takes no lock and no time, and travels with the lookups of other requests. */
export function lookup({ name, text }: Statement): Statement {
  if (!/^\s*SELECT\b(?!.*\bFOR (UPDATE|SHARE|NO KEY|KEY)\b)/is.test(text)) throw new TypeError(`${name} does more than look something up`);
  return { name, text, sociable: 'lookup' };
}

/**
 * Makes a statement that inserts one row under a key that nobody else can have: nobody waits for it, so it travels with those of
 * other requests, and is committed with them.
 */
export function insertion({ name, text }: Statement): Statement {
  if (!/^\s*INSERT INTO \w+ \([^)]*\)\s+VALUES \([^)]*\)\s*$/.test(text)) throw new TypeError(`${name} does more than insert a row`);
  return { name, text, sociable: 'insert' };
}

/**
 * Makes a claim of a write (`… RETURNING 1`): it has to change a row, or else nothing of its transaction happens, which ends in
 * `NothingClaimed`. So what hangs on the count of its rows can leave together with it, instead of a round trip later.
 */
export function claim({ name, text }: Statement): Statement {
  return { name, text: `WITH claimed AS (${text}) SELECT count(*)::claimed_rows FROM claimed` };
}

/** The constraint that a `claim` violates when it has found nothing. */
export const NOTHING_CLAIMED = 'nothing_claimed';

export interface Executor {
  /** One round trip. A write tells what it did by `RETURNING`: the number of rows decides. */
  run<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Writer {
  /** For a write whose rows nobody waits for, such as an insert under a new key, or a claim: it leaves with the next round trip. */
  write(statement: Statement, values: readonly unknown[]): void;
}
