import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from './clock.js';
import { Database } from './database.js';
import type { Statement } from './statement.js';

const PAUSE_MS = 60_000;

/** Takes expired rows away, a bounded piece at a time; several servers may do it at once. */
@Injectable()
export class Sweeper implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #statements: { statement: Statement; keptFor: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** `statement` deletes rows that expired before `$1` and returns one row for each; `keptFor`: seconds beyond their expiry. */
  add(statement: Statement, keptFor: number): void {
    this.#statements.push({ statement, keptFor });
  }

  onApplicationBootstrap(): void {
    this.#timer = setInterval(() => {
      this.#underWay = this.sweep();
    }, PAUSE_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay;
  }

  async sweep(): Promise<void> {
    for (const { statement, keptFor } of this.#statements) {
      const before = new Date(this.clock.now().getTime() - keptFor * 1000);
      try {
        while ((await this.database.run(statement, [before])).length > 0);
      } catch (error) {
        new Logger(Sweeper.name).warn(`${statement.name} will be tried again: ${String(error)}`);
      }
    }
  }
}

/** Deletes up to 1000 rows of `table` that expired before `$1`, found by the front of its primary key. */
export function sweepByExpiry(table: string): Statement {
  return {
    name: `${table}_sweep`,
    text: `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM ${table} WHERE expires_at < $1 ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED))
           RETURNING 1`,
  };
}
