/** A statement that Postgres parses once per connection, under its name, and plans from then on. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A statement with the values of its parameters. */
export interface Step {
  readonly statement: Statement;
  readonly values: readonly unknown[];
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
