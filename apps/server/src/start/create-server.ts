/** Puts the server together, from the settings to the open port, and takes it apart in the opposite order. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Clock, SystemClock } from '#kernel/clock.js';
import type { Secret } from '#kernel/secrets.js';
import { choosePort, portProblem } from './choose-port.js';
import type { Config } from '../config/config.js';
import { refuseDemoInProduction } from '../demo/demo-file.js';
import { Log } from '../http/logging.js';
import type { MetricsListener } from '../telemetry/metrics-listener.js';
import { loadModules } from './load-modules.js';
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
  /** Takes no more requests, finishes those under way, then what they left to the relay, and closes the database; within 10 s. */
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

/** What a request under way gets when the server stops; the relay and the last spans get the rest of 10 s. */
const LAST_REQUESTS_MILLISECONDS = 6000;
const LOOK_MILLISECONDS = 50;
const PATIENCE_SECONDS = 30;

/** Starts a server that answers when the promise is kept. Rejects, with everything closed again, when it cannot. */
export async function createServer(settings: Config, replaced: ReplaceableParts = {}): Promise<Server> {
  const log = replaced.log ?? Log.at(settings.logLevel);
  const defaults = { clock: new SystemClock(), progress: loggedProgress(log), patienceSeconds: PATIENCE_SECONDS };
  const parts = { ...defaults, ...replaced, log };
  const config = await choosePort(settings);
  refuseDemoInProduction(config);
  const [database] = await Promise.all([openDatabase(config, log, parts.progress), loadModules()]);
  try {
    await bringUpToDate(database, config, parts);
    const { app, adminSecret, metrics } = await open(database, config, parts);
    const close = async (): Promise<void> => {
      await closeDoor(app);
      await app.close();
      metrics?.close();
      await database.stop();
    };
    return { url: urlOf(config), issuer: config.issuer, app, databaseUrl: database.url, adminSecret, close };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

async function bringUpToDate(database: OpenDatabase, config: Config, { progress, patienceSeconds }: Parts): Promise<void> {
  const [{ migrate }, { migrations }] = await Promise.all([import('#database/migrate.js'), import('./migrations.js')]);
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
    const metrics = await listen(app, config, log).catch((error: unknown) => {
      // Already stored as hashes: nobody would see them again.
      process.stdout.write(texts.firstStart);
      throw error;
    });
    progress.listening({ url: urlOf(config), issuer: config.issuer, ...texts });
    return { app, adminSecret, metrics };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function urlOf({ host, port }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** The metrics first: the line that tells of the main port is the sign that all is there. */
async function listen(app: NestFastifyApplication, config: Config, log: Log): Promise<MetricsListener | undefined> {
  const metrics = typeof config.metrics === 'object' ? await openMetrics(app, config.metrics, log) : undefined;
  try {
    await app.listen(config.port, config.host);
    return metrics;
  } catch (error) {
    metrics?.close();
    throw error instanceof Error ? portProblem(error, config) : error;
  }
}

async function openMetrics(app: NestFastifyApplication, place: { port: number; host: string }, log: Log): Promise<MetricsListener> {
  const [{ listenForMetrics }, { Metrics }] = await Promise.all([
    import('../telemetry/metrics-listener.js'),
    import('../telemetry/metrics.js'),
  ]);
  try {
    const listener = await listenForMetrics(app.get(Metrics), place);
    log.info('metrics', { url: listener.url });
    return listener;
  } catch (error) {
    throw error instanceof Error ? portProblem(error, place, 'GATEHOUSE_METRICS_') : error;
  }
}

/** Before anything behind it stops: what the last requests commit is still for the relay to take on. */
async function closeDoor(app: NestFastifyApplication): Promise<void> {
  const server = app.getHttpServer();
  const impatience = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MILLISECONDS);
  // A connection that is kept alive behind the last answer on it would be waited for.
  const idle = setInterval(() => server.closeIdleConnections(), LOOK_MILLISECONDS);
  try {
    await app.getHttpAdapter().close();
  } finally {
    clearTimeout(impatience);
    clearInterval(idle);
  }
}
