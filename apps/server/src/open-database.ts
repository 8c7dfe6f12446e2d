import { startEmbeddedPostgres } from '#kernel/embedded-postgres/start-embedded-postgres.js';
import type { Config } from './config.js';
import type { Log } from './http/logging.js';

export interface OpenDatabase {
  /** Holds a password. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The configured database, or else the embedded one, started. */
export async function openDatabase(config: Config, log: Log): Promise<OpenDatabase> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl.reveal(), stop: () => Promise.resolve() };
  return startEmbeddedPostgres({ dataDirectory: config.dataDirectory, log: (line) => log.info(line) });
}
