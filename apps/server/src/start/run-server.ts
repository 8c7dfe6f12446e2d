/** The server as a process: its settings from the environment, its end by signals, its refusals as sentences. */
import 'reflect-metadata';
import { EmbeddedPostgresError } from '#embedded-postgres/start-embedded-postgres.js';
import { StartError } from '#kernel/errors.js';
import { ConfigError, readConfig } from '../config/config.js';
import { createServer } from './create-server.js';
import { Log } from '../http/logging.js';
import { loggedProgress, printedProgress } from './progress.js';
import { stopOnSignals } from './stop-on-signals.js';

/** A machine may start the database at the same moment; a person who mistyped its address waits in front of the screen. */
const PATIENCE_SECONDS = { machine: 30, person: 5 };

/** Returns when the server listens, or, with the exit code set, when it cannot. */
export async function runServer(startedBy: 'machine' | 'person'): Promise<void> {
  try {
    const config = readConfig(process.env);
    const log = Log.at(config.logLevel);
    const progress = startedBy === 'person' ? printedProgress() : loggedProgress(log);
    const starting = createServer(config, { log, progress, patienceSeconds: PATIENCE_SECONDS[startedBy] });
    stopOnSignals({ starting, mustFinishStart: config.databaseUrl === undefined });
    await starting;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StartError || error instanceof EmbeddedPostgresError)) throw error;
    process.stderr.write(`${error.message}\n`);
    // EX_CONFIG of sysexits.h for wrong variables: starting again changes nothing.
    process.exitCode = error instanceof ConfigError ? 78 : 1;
  }
}
