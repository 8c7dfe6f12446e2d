import { Injectable } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import { Batch, type Outcome } from './batch.js';
import { DatabaseUnavailable, NothingClaimed } from './errors.js';
import { Gathering } from './gathering.js';
import { type DomainEvent, Outbox } from './outbox.js';
import { type Executor, NOTHING_CLAIMED, type Statement, type Step, type Writer } from './statement.js';

export interface Transaction extends Executor, Writer {
  /** Facts that become true with the commit of this transaction; stored in it, by inserts that leave with the commit. */
  record(...events: DomainEvent[]): void;
}

const begin: Step = { statement: { name: 'transaction_begin', text: 'BEGIN' }, values: [] };
const commit: Step = { statement: { name: 'transaction_commit', text: 'COMMIT' }, values: [] };

/** The way to Postgres: the pool of TypeORM's data source, with named statements and transactions that carry their events. */
@Injectable()
export class Database implements Executor {
  readonly #lookups = new Gathering((steps) => this.sendAlone(steps));
  readonly #insertions = new Gathering((steps) => this.sendAlone(steps));

  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /** Runs one statement outside of a transaction. Throws `DatabaseUnavailable` where Postgres cannot be asked. */
  run<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    return this.runTogether<Row>([{ statement, values }]);
  }

  /** Runs several statements as one transaction, in one round trip; the rows are those of the last. Throws like `run`. */
  async runTogether<Row extends object>(steps: readonly Step[]): Promise<Row[]> {
    return rowsOf<Row>(await this.send(steps));
  }

  /**
   * Runs `work` in one transaction: committed when it returns, rolled back when it throws. A refusal that must be remembered
   * is therefore returned, not thrown. Throws `DatabaseUnavailable` where the outcome of the commit is not known, and
   * `NothingClaimed` where a `claim` of it has found nothing.
   */
  async transaction<T>(work: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    const open = new OpenTransaction({ checkOut: () => this.checkOut(), send: (steps) => this.send(steps) });
    const outcome = await this.toItsEnd(open, work).catch(async (error: unknown) => {
      const told = translate(error);
      await open.giveUp(told);
      throw told;
    });
    if (open.events.length > 0) this.outbox.appended(open.events);
    return outcome;
  }

  private async toItsEnd<T>(open: OpenTransaction, work: (transaction: Transaction) => T | Promise<T>): Promise<T> {
    const outcome = await work(open);
    if (open.events.length > 0) this.outbox.append(open, open.events);
    await open.commit();
    return outcome;
  }

  /** The connections of the pool, and how many callers wait for one. */
  connections(): { readonly total: number; readonly idle: number; readonly waiting: number } {
    const { totalCount: total, idleCount: idle, waitingCount: waiting } = this.pool();
    return { total, idle, waiting };
  }

  private send(steps: readonly Step[]): Promise<readonly Outcome[]> {
    if (steps.every(({ statement }) => statement.sociable === 'lookup')) return this.#lookups.join(steps);
    if (steps.every(({ statement }) => statement.sociable === 'insert')) return this.#insertions.join(steps);
    return this.sendAlone(steps);
  }

  private async sendAlone(steps: readonly Step[]): Promise<readonly Outcome[]> {
    const client = await this.checkOut();
    try {
      const outcomes = await send(client, steps);
      giveBack(client);
      return outcomes;
    } catch (error) {
      const told = translate(error);
      giveBack(client, told instanceof DatabaseUnavailable);
      throw told;
    }
  }

  private async checkOut(): Promise<PoolClient> {
    try {
      const client = await this.pool().connect();
      // A connection lost between two statements is told by the next of them; an error event without a listener ends the process.
      if (client.listenerCount('error', unheard) === 0) client.on('error', unheard);
      return client;
    } catch (error) {
      // Whatever the reason, such as a database that takes no connections (55000).
      throw unavailable(error);
    }
  }

  private pool(): Pool {
    return (this.dataSource.driver as unknown as { master: Pool }).master;
  }
}

interface Connections {
  checkOut(): Promise<PoolClient>;
  /** As a transaction of their own. */
  send(steps: readonly Step[]): Promise<readonly Outcome[]>;
}

/** Begins with the first statement that somebody waits for. Without one, all of it is a single batch, which needs no BEGIN. */
class OpenTransaction implements Transaction {
  readonly events: DomainEvent[] = [];
  #waiting: Step[] = [];
  #client: Promise<PoolClient> | undefined;
  #begun = false;

  constructor(private readonly connections: Connections) {}

  async run<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await (this.#client ??= this.connections.checkOut());
    // A value that cannot be sent is refused here, while all is as it was.
    const batch = new Batch([...(this.#begun ? [] : [begin]), ...this.#waiting, { statement, values }]);
    this.#begun = true;
    this.#waiting = [];
    return rowsOf<Row>(await client.query(batch).outcomes);
  }

  write(statement: Statement, values: readonly unknown[]): void {
    this.#waiting.push({ statement, values });
  }

  record(...facts: DomainEvent[]): void {
    this.events.push(...facts);
  }

  async commit(): Promise<void> {
    if (this.#client === undefined) {
      if (this.#waiting.length > 0) await this.connections.send(this.#waiting);
      return;
    }
    const client = await this.#client;
    const outcomes = await send(client, [...(this.#begun ? [] : [begin]), ...this.#waiting, commit]);
    // Postgres answers the COMMIT of a failed transaction with ROLLBACK and no error.
    if (outcomes.at(-1)?.command !== 'COMMIT') throw new Error('the transaction was rolled back at its commit');
    giveBack(client);
  }

  async giveUp(reason: unknown): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    if (client === undefined) return;
    const isFit = !(reason instanceof DatabaseUnavailable) && (!this.#begun || (await rollBack(client)));
    giveBack(client, !isFit);
  }
}

/** Whether the connection is fit for others after it. */
async function rollBack(client: PoolClient): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

async function send(client: PoolClient, steps: readonly Step[]): Promise<readonly Outcome[]> {
  return client.query(new Batch(steps)).outcomes;
}

function rowsOf<Row extends object>(outcomes: readonly Outcome[]): Row[] {
  return (outcomes.at(-1)?.rows ?? []) as Row[];
}

function unheard(): void {
  // See checkOut.
}

/**
 * A broken connection does not go back to the pool: its answer may still come. Nor does one to a database that cannot serve now:
 * it may go on saying so when others serve again, as one that was opened while the database was read-only does.
 */
function giveBack(client: PoolClient, isBroken = false): void {
  client.release(isBroken);
}

/** Classes of SQLSTATE and codes of sockets that tell of a database that cannot serve now, not of a wrong statement. */
const UNAVAILABLE = /^(08...|53...|57P..|57014|58...|25006|ECONN.*|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const LOST_CONNECTION = /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Query read timeout)/;

function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (UNAVAILABLE.test(code) || LOST_CONNECTION.test(error.message)) {
    return unavailable(error);
  }
  return constraintOf(error) === NOTHING_CLAIMED ? new NothingClaimed('there was nothing (left) to claim') : error;
}

function unavailable(cause: unknown): DatabaseUnavailable {
  return new DatabaseUnavailable('the database does not answer', { cause });
}

/** Whether `error` is Postgres' refusal of a second row with the same key (SQLSTATE 23505) in the named constraint. */
export function violatesUnique(error: unknown, constraint: string): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505' && constraintOf(error) === constraint;
}

function constraintOf(error: Error): unknown {
  return 'constraint' in error ? error.constraint : undefined;
}
