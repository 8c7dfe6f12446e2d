/** A statement that Postgres parses once per connection, under its name, and executes from its plan afterwards. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** Set if the statement waits for no lock and holds none: it may share a round trip with statements of other requests. */
  readonly batchable?: 'lookup' | 'insert';
}

/** A statement with the values of its parameters. */
export interface Step {
  readonly statement: Statement;
  readonly values: readonly unknown[];
}

/** Makes a statement that reads rows by their keys and takes no locks, so it can be batched with lookups of other requests. */
export function lookup({ name, text }: Statement): Statement {
  if (!/^\s*SELECT\b(?!.*\bFOR (UPDATE|SHARE|NO KEY|KEY)\b)/is.test(text)) throw new TypeError(`${name} does more than look something up`);
  return { name, text, batchable: 'lookup' };
}

/**
 * Makes a statement that inserts one row under a key that nobody else can have. No other request waits for it, so it can be
 * batched with inserts of other requests and committed with them.
 */
export function insertion({ name, text }: Statement): Statement {
  if (!/^\s*INSERT INTO \w+ \([^)]*\)\s+VALUES \([^)]*\)\s*$/.test(text)) throw new TypeError(`${name} does more than insert a row`);
  return { name, text, batchable: 'insert' };
}

/**
 * Makes a conditional write (`… RETURNING 1`) that must affect a row. If it affects none, the whole transaction is rolled back
 * with `NoRowAffected`. The statements that depend on it can therefore be sent in the same round trip.
 */
export function mustAffectRow({ name, text }: Statement): Statement {
  return { name, text: `WITH affected AS (${text}) SELECT count(*)::affected_rows FROM affected` };
}

/** The constraint that a `mustAffectRow` statement violates if it affects no row. */
export const NO_ROW_AFFECTED = 'no_row_affected';

export interface Executor {
  /** One round trip. A write reports what it did by `RETURNING`: the number of rows decides. */
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Writer {
  /**
   * Sends a write with the next round trip. For a write whose rows nobody reads: an insert under a new key, or a statement of
   * `mustAffectRow`.
   */
  enqueue(statement: Statement, values: readonly unknown[]): void;
}
