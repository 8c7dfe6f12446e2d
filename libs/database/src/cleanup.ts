/**
 * Deletes expired rows: each table declares its retention, and one timer per server does the work. No request ever waits for it,
 * and it comes to an end whatever is stored.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, EntitySchema } from 'typeorm';
import { Clock } from '#kernel/clock.js';
import { Database } from './database.js';
import type { Statement, Step } from './statement.js';
import { type AnyTable, tableOf } from './table.js';

const BATCH_SIZE = 1000;
const INTERVAL_MS = 60_000;
/** The pause between two batches, as a multiple of the time of the last one: three quarters of the time belong to the requests. */
const REST = 3;
/** Seconds for which a row is left alone after its expiry: requests that met it alive have ended, on servers with late clocks too. */
const MARGIN_S = 60;
/** How far before the end of the last cleanup the next one begins, in milliseconds: rows that were locked then are met again. */
const LOOK_BACK_MS = 5 * 60_000;
/** One cleanup in this number begins at the front of the index, for rows that were expired already when they were stored. */
const FROM_THE_FRONT = 60;

/** Any number that nothing else locks by in this database; "swee" in ASCII. */
const LOCK = 0x73776565;

interface Task {
  readonly deletion: Statement;
  /** Seconds. */
  readonly keptAfterExpiry: number;
  /** Nothing older is left. Dead index entries are therefore not read again by each cleanup. */
  doneUntil: string;
}

interface Batch {
  /** False if another server is at it. */
  readonly mine: boolean;
  readonly count: number;
  readonly last: string | null;
}

/** A crash only means that rows are deleted again, so no batch waits for the disk while it holds its rows. */
const withoutWaiting: Step = {
  statement: { name: 'cleanup_without_waiting', text: "SELECT set_config('synchronous_commit', 'off', true)" },
  values: [],
};

@Injectable()
export class Cleanup implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #tasks: readonly Task[];
  readonly #stopping = new AbortController();
  #runs = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly dataSource: DataSource,
  ) {
    this.#tasks = tablesOf(this.dataSource).flatMap(taskOf);
  }

  onApplicationBootstrap(): void {
    this.#running = this.#runEveryMinute();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Deletes what has expired. Ends early if another server is at it, or if this one stops. */
  async run(): Promise<void> {
    const fromTheFront = this.#runs++ % FROM_THE_FRONT === 0;
    for (const task of this.#tasks) {
      try {
        if (!(await this.#clean(task, fromTheFront ? '-infinity' : task.doneUntil))) return;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        new Logger(Cleanup.name).warn(`${task.deletion.name} failed and will be repeated: ${String(error)}`);
      }
    }
  }

  async #runEveryMinute(): Promise<void> {
    while (await this.#rest(INTERVAL_MS)) await this.run();
  }

  /** False if the rest is left to another server: of two that meet, one goes on. */
  async #clean(task: Task, start: string): Promise<boolean> {
    const before = new Date(this.clock.now().getTime() - (task.keptAfterExpiry + MARGIN_S) * 1000);
    let from = start;
    for (let isMore = true; isMore; ) {
      const began = performance.now();
      const values = [before, from];
      const [batch] = await this.database.queryTogether<Batch>([withoutWaiting, { statement: task.deletion, values }]);
      if (batch?.mine !== true) return false;
      from = batch.last ?? from;
      isMore = batch.count === BATCH_SIZE;
      if (isMore && !(await this.#rest((performance.now() - began) * REST))) return false;
    }
    task.doneUntil = new Date(before.getTime() - LOOK_BACK_MS).toISOString();
    return true;
  }

  /** False if the server stops in the meantime. */
  async #rest(milliseconds: number): Promise<boolean> {
    return pause(milliseconds, true, { ref: false, signal: this.#stopping.signal }).catch(() => false);
  }
}

function tablesOf({ options }: DataSource): readonly AnyTable[] {
  const entities = Object.values(options.entities ?? {}).filter((entity) => entity instanceof EntitySchema);
  return entities.map((entity) => {
    const declared = tableOf(entity);
    if (declared !== undefined) return declared;
    throw new Error(`The table ${entity.options.name} has no retention and no owner: declare it by table() of #database/table.js.`);
  });
}

function taskOf({ name, retention }: AnyTable): readonly Task[] {
  if (retention.kind === 'permanent') return [];
  const { expiry, condition, keptAfterExpiry } = retention;
  return [{ deletion: deleteExpired(name, expiry, condition), keptAfterExpiry, doneUntil: '-infinity' }];
}

/**
 * Deletes up to 1000 rows that expired before `$1` and not before `$2`, found by an index that begins with `expiry`. It waits for
 * no lock: neither for rows that a request holds nor for a cleanup on another server.
 */
export function deleteExpired(table: string, expiry = 'expires_at', condition = 'true'): Statement {
  return {
    name: `${table}_delete_expired`,
    text: `WITH turn AS (SELECT pg_try_advisory_xact_lock(${String(LOCK)}) AS mine),
           gone AS (DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM ${table} WHERE (SELECT mine FROM turn) AND ${expiry} >= $2 AND ${expiry} < $1 AND ${condition}
             ORDER BY ${expiry} LIMIT ${String(BATCH_SIZE)} FOR UPDATE SKIP LOCKED)) RETURNING ${expiry} AS ended_at)
           SELECT (SELECT mine FROM turn) AS mine, count(*)::int AS count, max(ended_at)::text AS last FROM gone`,
  };
}

/**
 * A row that expires after this moment may still be alive on a server with a late clock, and is not yet deleted by a server whose
 * clock is ahead, by half of the margin each. A revocation deletes such a row too, and waits for no cleanup.
 */
export function endedForAll(now: Date): Date {
  return new Date(now.getTime() - (MARGIN_S / 2) * 1000);
}
