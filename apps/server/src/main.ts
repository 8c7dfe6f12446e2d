import 'reflect-metadata';
import { EmbeddedPostgresError } from '#kernel/embedded-postgres/start-embedded-postgres.js';
import { ConfigError, readConfig } from './config.js';
import { createServer } from './create-server.js';
import { stopOnSignals } from './stop-on-signals.js';

try {
  const server = await createServer(readConfig(process.env));
  stopOnSignals(server);
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof EmbeddedPostgresError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 78; // EX_CONFIG of sysexits.h: starting again changes nothing.
}
