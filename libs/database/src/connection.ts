import type { TypeOrmModuleOptions } from '@nestjs/typeorm';
import pg, { type Pool } from 'pg';

const SECOND = 1000;
const POOL_SIZE = 20;

/** Nothing waits without a limit: neither for a connection, nor for an answer, nor inside a transaction. */
const LIMITS = {
  connectionTimeoutMillis: 5 * SECOND,
  statement_timeout: 10 * SECOND,
  idle_in_transaction_session_timeout: 10 * SECOND,
  query_timeout: 12 * SECOND,
} as const;

/** The connections of this server to Postgres: a pool for requests, and single ones that live as long as their owner. */
export class Postgres {
  readonly pool: Pool;

  /** `url` contains the password. */
  constructor(private readonly url: string, poolSize = POOL_SIZE) {
    this.pool = new pg.Pool({ connectionString: url, application_name: 'gatehouse', max: poolSize, keepAlive: true, ...LIMITS });
    // The pool replaces a connection that breaks while it is idle. The next query reports whether the database is gone.
    this.pool.on('error', () => undefined);
  }

  /** A connection outside of the pool, not connected yet. `answerTimeout`: milliseconds. */
  client(answerTimeout: number): pg.Client {
    const { connectionTimeoutMillis } = LIMITS;
    return new pg.Client({
      connectionString: this.url,
      application_name: 'gatehouse',
      keepAlive: true,
      connectionTimeoutMillis,
      query_timeout: answerTimeout,
    });
  }

  /** TypeORM on the same pool: `driver` is its documented option for a module in place of `pg`. It ends the pool when it is destroyed. */
  typeOrmOptions(): TypeOrmModuleOptions {
    const { pool } = this;
    return {
      type: 'postgres',
      url: this.url,
      driver: Object.create(pg, { Pool: { value: function Pool() { return pool; } } }) as object,
      autoLoadEntities: true,
      synchronize: false,
      migrationsRun: false,
      retryAttempts: 3,
      retryDelay: SECOND,
      logging: false,
      poolErrorHandler: () => undefined,
    };
  }
}
