/**
 * Owns the removal of expired rows: who keeps rows that expire says from which table and for how long, and one timer takes them
 * away. It must never be noticed by a request, and must come to an end whatever is stored.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import { Database } from './database.js';
import type { Statement, Step } from './statement.js';

const BATCH = 1000;
const PAUSE_MS = 60_000;
/** Between two batches, in times of what the last one took: three quarters of the time belong to the requests alone. */
const REST = 3;
/** Seconds for which a row is left alone after its end: requests that met it alive are through, on servers whose clocks are late too. */
const MARGIN_S = 60;
/** How far behind the end of the last sweep the next one begins, in milliseconds: what was locked by somebody then is met again. */
const LOOK_BACK_MS = 5 * 60_000;
/** One sweep in so many begins at the front of the index again, for rows that were old already when they were stored. */
const FROM_THE_FRONT = 60;

/** Any number that no one else locks by in this database; "swee" in ASCII. */
const LOCK = 0x73776565;

interface Task {
  readonly statement: Statement;
  readonly keptFor: number;
  /** Nothing that is older is left. Dead entries of an index are not walked through again with each sweep. */
  doneUntil: string;
}

interface Batch {
  readonly mine: boolean;
  readonly count: number;
  readonly last: string | null;
}

/** What a crash undoes is swept again: no batch waits for the disk while it holds its rows. */
const withoutWaiting: Step = {
  statement: { name: 'sweep_without_waiting', text: "SELECT set_config('synchronous_commit', 'off', true)" },
  values: [],
};

@Injectable()
export class Cleanup implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #tasks: Task[] = [];
  readonly #ending = new AbortController();
  #sweeps = 0;
  #underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** `statement` is one of `deleteExpired`; `keptFor`: seconds for which rows are still looked up after their expiry. */
  add(statement: Statement, keptFor: number): void {
    this.#tasks.push({ statement, keptFor, doneUntil: '-infinity' });
  }

  onApplicationBootstrap(): void {
    this.#underWay = this.#sweepNowAndThen();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    await this.#underWay;
  }

  /** Takes away what has expired; ends early where another server is at it, or this one stops. */
  async sweep(): Promise<void> {
    const fromTheFront = this.#sweeps++ % FROM_THE_FRONT === 0;
    for (const task of this.#tasks) {
      try {
        if (!(await this.#sweepOne(task, fromTheFront ? '-infinity' : task.doneUntil))) return;
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        new Logger(Cleanup.name).warn(`${task.statement.name} will be tried again: ${String(error)}`);
      }
    }
  }

  async #sweepNowAndThen(): Promise<void> {
    while (await this.#rest(PAUSE_MS)) await this.sweep();
  }

  /** False where the rest is left to another server: of two that meet, one goes on. */
  async #sweepOne(task: Task, start: string): Promise<boolean> {
    const before = new Date(this.clock.now().getTime() - (task.keptFor + MARGIN_S) * 1000);
    let from = start;
    for (let isMore = true; isMore; ) {
      const began = performance.now();
      const values = [before, from];
      const [batch] = await this.database.queryTogether<Batch>([withoutWaiting, { statement: task.statement, values }]);
      if (batch?.mine !== true) return false;
      from = batch.last ?? from;
      isMore = batch.count === BATCH;
      if (isMore && !(await this.#rest((performance.now() - began) * REST))) return false;
    }
    task.doneUntil = new Date(before.getTime() - LOOK_BACK_MS).toISOString();
    return true;
  }

  /** False where the server stops meanwhile. */
  async #rest(milliseconds: number): Promise<boolean> {
    return pause(milliseconds, true, { ref: false, signal: this.#ending.signal }).catch(() => false);
  }
}

/**
 * Deletes up to 1000 rows of `table` that ended before `$1` and not before `$2`, found by an index that begins with `column`, and
 * waits for no lock: neither for rows that a request holds nor for a sweep elsewhere.
 */
export function deleteExpired(table: string, column = 'expires_at', condition = 'true'): Statement {
  return {
    name: `${table}_sweep`,
    text: `WITH turn AS (SELECT pg_try_advisory_xact_lock(${String(LOCK)}) AS mine),
           gone AS (DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM ${table} WHERE (SELECT mine FROM turn) AND ${column} >= $2 AND ${column} < $1 AND ${condition}
             ORDER BY ${column} LIMIT ${String(BATCH)} FOR UPDATE SKIP LOCKED)) RETURNING ${column} AS ended_at)
           SELECT (SELECT mine FROM turn) AS mine, count(*)::int AS count, max(ended_at)::text AS last FROM gone`,
  };
}

/**
 * What expires after this moment may still be alive on a server whose clock is late, and is not yet swept by one whose clock is
 * ahead, by half of the margin each: who takes from users what they hold takes that too, and waits for no sweep.
 */
export function endedForAll(now: Date): Date {
  return new Date(now.getTime() - (MARGIN_S / 2) * 1000);
}
