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

export interface Executor {
  /** One round trip. A write tells what it did by `RETURNING`: the number of rows decides. */
  run<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Writer {
  /** For a write that nobody waits for, such as an insert under a new key: it leaves with the next round trip of the transaction. */
  write(statement: Statement, values: readonly unknown[]): void;
}
