import type { TypeOrmModuleOptions } from '@nestjs/typeorm';

const SECOND = 1000;

/** How the server uses Postgres. Nothing waits for ever: neither for a connection, nor for an answer, nor inside a transaction. */
export function databaseOptions(url: string): TypeOrmModuleOptions {
  return {
    type: 'postgres',
    url,
    autoLoadEntities: true,
    synchronize: false,
    migrationsRun: false,
    applicationName: 'gatehouse',
    poolSize: 20,
    retryAttempts: 3,
    retryDelay: SECOND,
    logging: false,
    // The pool replaces a connection that breaks while nobody uses it; the next query tells whether the database is gone.
    poolErrorHandler: () => undefined,
    extra: {
      connectionTimeoutMillis: 5 * SECOND,
      statement_timeout: 10 * SECOND,
      idle_in_transaction_session_timeout: 10 * SECOND,
      query_timeout: 12 * SECOND,
      keepAlive: true,
    },
  };
}
