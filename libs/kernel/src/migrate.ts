/**
 * Brings the database to the newest schema before anything else looks at it. Servers that start at once on one database take
 * turns by an advisory lock, and all but the first find nothing left to do.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, type MigrationInterface } from 'typeorm';

/** Any number that no one else locks by in this database; "gate" in ASCII. */
const LOCK = 0x67617465;
const WAIT_SECONDS = 30;
const PAUSE_MILLISECONDS = 250;

/** SQLSTATE classes and codes that waiting does not heal: a wrong password, no such database. */
const HOPELESS = /^(28|3D)/;

type Migrations = readonly (new () => MigrationInterface)[];

/** Throws when the database cannot be reached within 30 s, or a migration fails. */
export async function migrate(databaseUrl: string, migrations: Migrations): Promise<void> {
  const dataSource = await connect(databaseUrl, migrations);
  try {
    const guard = dataSource.createQueryRunner();
    await guard.query('SELECT pg_advisory_lock($1)', [LOCK]);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await guard.query('SELECT pg_advisory_unlock($1)', [LOCK]);
      await guard.release();
    }
  } finally {
    await dataSource.destroy();
  }
}

async function connect(url: string, migrations: Migrations): Promise<DataSource> {
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
      if (attempt * PAUSE_MILLISECONDS >= WAIT_SECONDS * 1000 || isHopeless(error)) throw error;
      await pause(PAUSE_MILLISECONDS);
    }
  }
}

function isHopeless(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && HOPELESS.test(error.code);
}
