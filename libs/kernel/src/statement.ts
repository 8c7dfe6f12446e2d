/** A statement that Postgres parses once per connection, under its name, and plans from then on. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface Executor {
  /** One round trip. A write tells what it did by `RETURNING`: the number of rows decides. */
  run<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}
