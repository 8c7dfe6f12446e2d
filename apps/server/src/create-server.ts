/** Puts the server together, from the settings to the open port, and takes it apart in the opposite order. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Clock, SystemClock } from '#kernel/clock.js';
import type { Secret } from '#kernel/secrets.js';
import { choosePort, portProblem } from './choose-port.js';
import type { Config } from './config.js';
import { refuseDemoInProduction } from './demo-file.js';
import { Log } from './http/logging.js';
import { databaseProblem, type OpenDatabase, openDatabase } from './open-database.js';
import { loggedProgress, type Progress } from './progress.js';

export interface Server {
  /** Where the server listens, with the port that it got. */
  readonly url: string;
  readonly issuer: string;
  readonly app: NestFastifyApplication;
  readonly databaseUrl: string;
  /** The secret of the client `admin`, where this start made it up. */
  readonly adminSecret: Secret | undefined;
  /** Finishes the requests under way, at most for 10 s, then closes the database. */
  close(): Promise<void>;
}

export interface ReplaceableParts {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly progress?: Progress;
  /** How long a configured database may take to answer. */
  readonly patienceSeconds?: number;
}

type Parts = Required<ReplaceableParts>;

const MAX_CLOSING_MILLISECONDS = 10_000;
const PATIENCE_SECONDS = 30;

/** Starts a server that answers when the promise is kept. Rejects, with everything closed again, when it cannot. */
export async function createServer(settings: Config, replaced: ReplaceableParts = {}): Promise<Server> {
  const log = replaced.log ?? Log.at(settings.logLevel);
  const defaults = { clock: new SystemClock(), progress: loggedProgress(log), patienceSeconds: PATIENCE_SECONDS };
  const parts = { ...defaults, ...replaced, log };
  const config = await choosePort(settings);
  refuseDemoInProduction(config);
  // The modules load, which takes longest, while the database starts; who needs them meets their failure.
  import('./create-app.js').catch(() => undefined);
  const database = await openDatabase(config, log, parts.progress);
  try {
    await bringUpToDate(database, config, parts);
    const { app, adminSecret } = await open(database, config, parts);
    const close = async (): Promise<void> => {
      await closeApp(app);
      await database.stop();
    };
    return { url: urlOf(config), issuer: config.issuer, app, databaseUrl: database.url, adminSecret, close };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

async function bringUpToDate(database: OpenDatabase, config: Config, { progress, patienceSeconds }: Parts): Promise<void> {
  const [{ migrate }, { migrations }] = await Promise.all([import('#kernel/migrate.js'), import('./migrations.js')]);
  const onWaiting = (reason: string): void => progress.step('database', `waiting for it: ${reason}`);
  try {
    const count = await migrate(database.url, migrations, { seconds: patienceSeconds, onWaiting });
    progress.step('migrations', count === 0 ? 'the schema is up to date' : `${String(count)} migrations applied`);
  } catch (error) {
    throw databaseProblem(error, config);
  }
}

async function open(database: OpenDatabase, config: Config, { clock, log, progress }: Parts) {
  const { createApp, prepareFirstUse } = await import('./create-app.js');
  const app = await createApp(config, { databaseUrl: database.url, clock, log });
  try {
    const { adminSecret, ...texts } = await prepareFirstUse(app, config);
    await app.listen(config.port, config.host).catch((error: unknown) => {
      // Already stored as hashes: nobody would see them again.
      process.stdout.write(texts.firstStart);
      throw error instanceof Error ? portProblem(error, config) : error;
    });
    progress.listening({ url: urlOf(config), issuer: config.issuer, ...texts });
    return { app, adminSecret };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function urlOf({ host, port }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

async function closeApp(app: NestFastifyApplication): Promise<void> {
  const impatience = setTimeout(() => app.getHttpServer().closeAllConnections(), MAX_CLOSING_MILLISECONDS);
  try {
    await app.close();
  } finally {
    clearTimeout(impatience);
  }
}
