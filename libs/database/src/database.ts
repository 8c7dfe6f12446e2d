import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { DataSource, QueryFailedError, type QueryRunner, QueryRunnerAlreadyReleasedError, type Repository } from 'typeorm';
import { DatabaseUnavailable, NoRowAffected } from '#kernel/errors.js';
import { Postgres } from './connection.js';
import { Outbox } from './outbox.js';
import { type Outcome, Pipeline } from './pipeline.js';
import { StatementBatcher } from './statement-batcher.js';
import { type Executor, NO_ROW_AFFECTED, type Statement, type Step } from './statement.js';
import type { Table } from './table.js';
import { connectionOf, type Connections, OpenTransaction, rowsOf, type Transaction } from './transaction.js';

/** Executes named statements, alone or in transactions that store their events. */
@Injectable()
export class Database implements Executor {
  readonly #lookups = new StatementBatcher((steps) => this.#sendAlone(steps));
  readonly #insertions = new StatementBatcher((steps) => this.#sendAlone(steps));
  readonly #connections: Connections;

  constructor(
    private readonly postgres: Postgres,
    private readonly outbox: Outbox,
    dataSource: DataSource,
  ) {
    this.#connections = {
      checkOut: () => this.#checkOut(),
      giveBack,
      checkOutForTypeOrm: () => checkOutForTypeOrm(dataSource),
      giveBackFromTypeOrm,
      send: (steps) => this.#send(steps),
    };
  }

  /** Executes one statement outside of a transaction. Throws `DatabaseUnavailable` if Postgres cannot be reached. */
  query<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.queryTogether<Row>([{ statement, values }]);
  }

  /** Executes several statements as one transaction, in one round trip. Returns the rows of the last one. Throws like `query`. */
  async queryTogether<Row extends object>(steps: readonly Step[]): Promise<Row[]> {
    return rowsOf<Row>(await this.#send(steps));
  }

  /**
   * Executes `work` in one transaction: committed when it returns, rolled back when it throws. A refusal that must be remembered
   * is therefore returned, not thrown. Throws `DatabaseUnavailable` if the outcome of the commit is unknown, and `NoRowAffected`
   * if one of its `mustAffectRow` statements affected no row.
   */
  async transaction<T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    const open = new OpenTransaction(this.#connections);
    const result = await this.#untilCommit(open, work).catch(async (error: unknown) => {
      const reason = translate(error);
      await open.rollBack(reason);
      throw reason;
    });
    if (open.events.length > 0) this.outbox.notify(open.events);
    return result;
  }

  async #untilCommit<T>(open: OpenTransaction, work: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    const result = await work(open);
    if (open.events.length > 0) this.outbox.append(open, open.events);
    await open.commit();
    return result;
  }

  /** Reads through the repository of a table, outside of a transaction: the lists of administration. */
  async read<Row extends object, T>(table: Table<Row>, work: (repository: Repository<Row>) => Promise<T>): Promise<T> {
    const runner = await this.#connections.checkOutForTypeOrm();
    try {
      const found = await work(runner.manager.getRepository(table.entity));
      await giveBackFromTypeOrm(runner, false);
      return found;
    } catch (error) {
      const reason = translate(error);
      await giveBackFromTypeOrm(runner, reason instanceof DatabaseUnavailable);
      throw reason;
    }
  }

  /** The connections of the pool, and how many callers wait for one. */
  connections(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.postgres.pool;
    return { total, idle, waiting };
  }

  #send(steps: readonly Step[]): Promise<readonly Outcome[]> {
    if (steps.every(({ statement }) => statement.batchable === 'lookup')) return this.#lookups.enqueue(steps);
    if (steps.every(({ statement }) => statement.batchable === 'insert')) return this.#insertions.enqueue(steps);
    return this.#sendAlone(steps);
  }

  async #sendAlone(steps: readonly Step[]): Promise<readonly Outcome[]> {
    const client = await this.#checkOut();
    try {
      const outcomes = await client.query(new Pipeline(steps)).outcomes;
      giveBack(client, false);
      return outcomes;
    } catch (error) {
      const reason = translate(error);
      giveBack(client, reason instanceof DatabaseUnavailable);
      throw reason;
    }
  }

  async #checkOut(): Promise<PoolClient> {
    try {
      const client = await this.postgres.pool.connect();
      // The next statement reports a connection that is lost between two statements. An error event without a listener ends the process.
      if (client.listenerCount('error', ignored) === 0) client.on('error', ignored);
      return client;
    } catch (error) {
      // Whatever the reason, such as a database that takes no connections (55000).
      throw unavailable(error);
    }
  }
}

function ignored(): void {
  // See #checkOut.
}

async function checkOutForTypeOrm(dataSource: DataSource): Promise<QueryRunner> {
  const runner = dataSource.createQueryRunner();
  await runner.connect().catch((error: unknown) => {
    throw unavailable(error);
  });
  return runner;
}

async function giveBackFromTypeOrm(runner: QueryRunner, isBroken: boolean): Promise<void> {
  // The pool keeps no connection that is about to end. Its type hides that it is a client, which can be ended.
  if (isBroken) void ((await connectionOf(runner)) as unknown as { end(): Promise<void> }).end().catch(() => undefined);
  await runner.release();
}

/**
 * A broken connection does not go back to the pool: its answer may still come. Neither does one to a database that cannot serve
 * now: a connection that was opened while the database was read-only stays read-only.
 */
function giveBack(client: PoolClient, isBroken: boolean): void {
  client.release(isBroken);
}

/** Classes of SQLSTATE and codes of sockets that mean a database that cannot serve now, not a wrong statement. */
const UNAVAILABLE = /^(08...|53...|57P..|57014|58...|25006|ECONN.*|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const LOST_CONNECTION = /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Query read timeout)/;

function translate(thrown: unknown): unknown {
  // TypeORM gives a connection back that breaks between two statements.
  if (thrown instanceof QueryRunnerAlreadyReleasedError) return unavailable(thrown);
  // TypeORM wraps the errors of the driver.
  const error: unknown = thrown instanceof QueryFailedError ? thrown.driverError : thrown;
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNAVAILABLE.test(code) || LOST_CONNECTION.test(error.message)) {
    return unavailable(error);
  }
  return constraintOf(error) === NO_ROW_AFFECTED ? new NoRowAffected('a conditional write affected no row') : error;
}

function unavailable(cause: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable('the database does not answer', { cause });
}

function constraintOf(error: Error): unknown {
  return 'constraint' in error ? error.constraint : undefined;
}
