import { startEmbeddedPostgres } from '#embedded-postgres/start-embedded-postgres.js';
import { DatabaseUnavailable, StartError } from '#kernel/errors.js';
import type { Config } from '../config/config.js';
import type { Log } from '../http/logging.js';
import type { Progress } from './progress.js';

export interface OpenDatabase {
  /** Holds a password. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The configured database, or else the embedded one, started. What the embedded one tells later belongs into the log. */
export async function openDatabase(config: Config, log: Log, progress: Progress): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) {
    const url = config.databaseUrl.reveal();
    progress.step('database', `Postgres at ${addressOf(url)}`);
    return { url, stop: () => Promise.resolve() };
  }
  let started = false;
  const tell = (line: string): void => (started ? log.info(line) : progress.step('database', line));
  const postgres = await startEmbeddedPostgres({ dataDirectory: config.dataDirectory, log: tell });
  started = true;
  return postgres;
}

/** A sentence for the operator where the database that they named is not to be had; any other error as it is. */
export function databaseProblem(error: unknown, { databaseUrl }: Config): unknown {
  if (databaseUrl === undefined || !(error instanceof Error)) return error;
  const address = addressOf(databaseUrl.reveal());
  if (error instanceof DatabaseUnavailable) {
    const text = `The database at ${address} cannot be used (${error.message}): start it, or correct DATABASE_URL.`;
    return new StartError(text, { cause: error });
  }
  if (!('code' in error) || error.code !== INSUFFICIENT_PRIVILEGE) return error;
  const text = `The user of DATABASE_URL may not change the schema at ${address} (${error.message}): make it the owner of that database.`;
  return new StartError(text, { cause: error });
}

const INSUFFICIENT_PRIVILEGE = '42501';

/** Without user and password. */
function addressOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}${pathname}`;
}
