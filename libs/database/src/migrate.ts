/**
 * Brings the database to the newest schema before anything else looks at it. Servers that start at once on one database take
 * turns by an advisory lock, and all but the first find nothing left to do.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, MigrationExecutor, type MigrationInterface } from 'typeorm';
import { DatabaseUnavailable } from '#kernel/errors.js';

/** Any number that no one else locks by in this database; "gate" in ASCII. */
const LOCK = 0x67617465;
const PAUSE_MILLISECONDS = 250;

/** SQLSTATE classes and codes that waiting does not heal: a wrong password, no such database. */
const HOPELESS = /^(28|3D)/;

type Migrations = readonly (new () => MigrationInterface)[];

export interface Patience {
  /** For a database that does not answer yet. */
  readonly seconds: number;
  /** Called once, where there is something to wait for. */
  readonly onWaiting?: (reason: string) => void;
}

/**
 * Answers how many migrations were run. Throws `DatabaseUnavailable`, with the reason in its message, where the database cannot
 * be reached in time or refuses the login, and the database's own error where a migration fails.
 */
export async function migrate(databaseUrl: string, migrations: Migrations, patience: Patience = { seconds: 30 }): Promise<number> {
  const dataSource = await connect(databaseUrl, migrations, patience);
  try {
    const guard = dataSource.createQueryRunner();
    await guard.query('SELECT pg_advisory_lock($1)', [LOCK]);
    try {
      // On the connection that is there: one more might not come in time while a slow machine loads the modules.
      const executor = new MigrationExecutor(dataSource, guard);
      executor.transaction = 'each';
      return (await executor.executePendingMigrations()).length;
    } finally {
      await guard.query('SELECT pg_advisory_unlock($1)', [LOCK]);
      await guard.release();
    }
  } finally {
    await dataSource.destroy();
  }
}

async function connect(url: string, migrations: Migrations, { seconds, onWaiting }: Patience): Promise<DataSource> {
  const deadline = performance.now() + seconds * 1000;
  for (let attempt = 0; ; attempt++) {
    const dataSource = new DataSource({
      type: 'postgres',
      url,
      migrations: [...migrations],
      synchronize: false,
      applicationName: 'gatehouse-migrate',
      extra: { connectionTimeoutMillis: 5000 },
    });
    try {
      return await dataSource.initialize();
    } catch (error) {
      if (performance.now() >= deadline || HOPELESS.test(codeOf(error))) throw new DatabaseUnavailable(reasonOf(error), { cause: error });
      if (attempt === 0) onWaiting?.(reasonOf(error));
      await pause(PAUSE_MILLISECONDS);
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Where every address of a name refuses, Node's error has a code and no message. */
function reasonOf(error: unknown): string {
  return (error instanceof Error && error.message) || codeOf(error) || String(error);
}
