import type { PoolClient } from 'pg';
import type { QueryRunner, Repository } from 'typeorm';
import type { DomainEvent } from '#kernel/bus.js';
import { DatabaseUnavailable } from '#kernel/errors.js';
import { type Outcome, Pipeline } from './pipeline.js';
import type { Executor, Statement, Step, Writer } from './statement.js';
import type { Table } from './table.js';

export interface Transaction extends Executor, Writer {
  /** Events that become true when this transaction commits. They are stored in it, by inserts that are sent with the commit. */
  record(...events: DomainEvent[]): void;
  /**
   * The repository of a table, inside this transaction: for administration, whose changes are not worth statements of their own.
   * The first one must be asked for before the first `query`. What was enqueued is sent after what repositories do, by the next
   * `query` or by the commit.
   */
  repository<Row extends object>(table: Table<Row>): Promise<Repository<Row>>;
}

export interface Connections {
  checkOut(): Promise<PoolClient>;
  /** The same for TypeORM, which then owns the connection. */
  checkOutForTypeOrm(): Promise<QueryRunner>;
  giveBackFromTypeOrm(runner: QueryRunner, isBroken: boolean): Promise<void>;
  /** Closes a broken connection instead of keeping it: its late answer must not reach another caller. */
  giveBack(client: PoolClient, isBroken: boolean): void;
  /** Sends the steps as a transaction of their own. */
  send(steps: readonly Step[]): Promise<readonly Outcome[]>;
}

const begin: Step = { statement: { name: 'transaction_begin', text: 'BEGIN' }, values: [] };
const commit: Step = { statement: { name: 'transaction_commit', text: 'COMMIT' }, values: [] };

/** BEGIN is sent with the first statement that returns rows. Without one, the transaction is a single pipeline, which needs no BEGIN. */
export class OpenTransaction implements Transaction {
  readonly events: DomainEvent[] = [];
  #waiting: Step[] = [];
  #client: Promise<PoolClient> | undefined;
  /** Set if TypeORM owns the connection; the second one when the transaction has begun. */
  #checkedOut: Promise<QueryRunner> | undefined;
  #runner: Promise<QueryRunner> | undefined;
  #begun = false;

  constructor(private readonly connections: Connections) {}

  async query<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await (this.#client ??= this.connections.checkOut());
    // A value that cannot be sent throws here, before anything was sent.
    const pipeline = new Pipeline([...this.#unsent(), { statement, values }]);
    this.#begun = true;
    this.#waiting = [];
    return rowsOf<Row>(await client.query(pipeline).outcomes);
  }

  enqueue(statement: Statement, values: readonly unknown[]): void {
    this.#waiting.push({ statement, values });
  }

  record(...events: DomainEvent[]): void {
    this.events.push(...events);
  }

  async repository<Row extends object>(table: Table<Row>): Promise<Repository<Row>> {
    if (this.#runner === undefined && this.#client !== undefined) {
      throw new Error('ask for the repository before the first query of the transaction');
    }
    const { manager } = await (this.#runner ??= this.#beginByTypeOrm());
    return manager.getRepository(table.entity);
  }

  /** TypeORM must know of the transaction: it refuses to lock rows outside of one. */
  async #beginByTypeOrm(): Promise<QueryRunner> {
    this.#checkedOut = this.connections.checkOutForTypeOrm();
    this.#client = this.#checkedOut.then(connectionOf);
    const runner = await this.#checkedOut;
    this.#begun = true;
    await runner.startTransaction();
    return runner;
  }

  async commit(): Promise<void> {
    if (this.#client === undefined) {
      if (this.#waiting.length > 0) await this.connections.send(this.#waiting);
      return;
    }
    const client = await this.#client;
    const outcomes = await client.query(new Pipeline([...this.#unsent(), commit])).outcomes;
    // Postgres answers the COMMIT of a failed transaction with ROLLBACK and no error.
    if (outcomes.at(-1)?.command !== 'COMMIT') throw new Error('the transaction was rolled back at its commit');
    await this.#release(client, false);
  }

  async rollBack(reason: unknown): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    if (client === undefined) return;
    const isFit = !(reason instanceof DatabaseUnavailable) && (!this.#begun || (await rollBack(client)));
    await this.#release(client, !isFit);
  }

  #unsent(): readonly Step[] {
    return this.#begun ? this.#waiting : [begin, ...this.#waiting];
  }

  async #release(client: PoolClient, isBroken: boolean): Promise<void> {
    if (this.#checkedOut === undefined) this.connections.giveBack(client, isBroken);
    else await this.connections.giveBackFromTypeOrm(await this.#checkedOut, isBroken);
  }
}

/** Connected to Postgres, a runner answers its connection. */
export function connectionOf(runner: QueryRunner): Promise<PoolClient> {
  return runner.connect() as Promise<PoolClient>;
}

/** Whether the connection can serve other callers afterwards. */
async function rollBack(client: PoolClient): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

export function rowsOf<Row extends object>(outcomes: readonly Outcome[]): Row[] {
  return (outcomes.at(-1)?.rows ?? []) as Row[];
}
