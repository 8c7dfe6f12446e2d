import { Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { DatabaseUnavailable } from './errors.js';
import { type DomainEvent, Outbox } from './outbox.js';
import type { Executor, Statement } from './statement.js';

export interface Transaction extends Executor {
  /** Facts that become true with the commit of this transaction; stored in it, by one insert just before the commit. */
  record(...events: DomainEvent[]): void;
}

/** The way to Postgres: the pool of TypeORM's data source, with named statements and transactions that carry their events. */
@Injectable()
export class Database implements Executor {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /** Runs one statement outside of a transaction. Throws `DatabaseUnavailable` where Postgres cannot be asked. */
  async run<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return await runOn<Row>(this.pool(), statement, values);
    } catch (error) {
      throw translate(error);
    }
  }

  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws. A refusal that must be remembered
   * is therefore returned, not thrown. Throws `DatabaseUnavailable` where the outcome of the commit is not known.
   */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const events: DomainEvent[] = [];
    const result = await this.onOneClient(async (client) => {
      const transaction: Transaction = {
        run: (statement, values = []) => runOn(client, statement, values),
        record: (...facts) => void events.push(...facts),
      };
      await client.query('BEGIN');
      const outcome = await work(transaction);
      if (events.length > 0) await this.outbox.append(transaction, events);
      const { command } = await client.query('COMMIT');
      // Postgres answers the COMMIT of a failed transaction with ROLLBACK and no error.
      if (command !== 'COMMIT') throw new Error('the transaction was rolled back at its commit');
      return outcome;
    });
    if (events.length > 0) this.outbox.appended(events);
    return result;
  }

  /** The connections of the pool, and how many callers wait for one. */
  connections(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.pool();
    return { total, idle, waiting };
  }

  private async onOneClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    let client: PoolClient;
    try {
      client = await this.pool().connect();
    } catch (error) {
      throw translate(error);
    }
    // A connection lost between two statements is told by the next of them; an error event without a listener ends the process.
    client.on('error', unheard);
    try {
      const result = await work(client);
      release(client);
      return result;
    } catch (error) {
      await rollBack(client);
      throw translate(error);
    }
  }

  private pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }
}

async function runOn<Row extends object>(on: Pool | PoolClient, statement: Statement, values: readonly unknown[]): Promise<Row[]> {
  const { rows } = await on.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
  return rows;
}

function unheard(): void {
  // See onOneClient.
}

function release(client: PoolClient): void {
  client.off('error', unheard);
  client.release();
}

async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK');
    release(client);
  } catch {
    client.release(true); // The connection itself is broken: it must not go back to the pool.
  }
}

/** Classes of SQLSTATE and codes of sockets that tell of a database that cannot serve now, not of a wrong statement. */
const UNAVAILABLE = /^(08...|53...|57P..|57014|58...|25006|ECONN.*|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const LOST_CONNECTION = /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Query read timeout)/;

function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNAVAILABLE.test(code) || LOST_CONNECTION.test(error.message)) {
    return new DatabaseUnavailable('the database does not answer', { cause: error });
  }
  return error;
}

/** Whether `error` is Postgres' refusal of a second row with the same key (SQLSTATE 23505) in the named constraint. */
export function violatesUnique(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505' && 'constraint' in error && error.constraint === constraint;
}
