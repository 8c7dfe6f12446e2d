/** Puts the server together, from the settings to the open port, and takes it apart in the opposite order. */
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CommandBus } from '#kernel/bus.js';
import { type Clock, SystemClock } from '#kernel/clock.js';
import { migrate } from '#kernel/migrate.js';
import type { Secret } from '#kernel/secrets.js';
import { banner } from './banner.js';
import { choosePort } from './choose-port.js';
import type { Config } from './config.js';
import { prepareDemo } from './demo.js';
import { prepareAdministrator } from './first-start.js';
import { Log } from './http/logging.js';
import { createAdapter, setUpHttp } from './http/set-up-http.js';
import { migrations } from './migrations.js';
import { openDatabase } from './open-database.js';
import { openKeyring } from './server-secrets.js';
import { ServerModule } from './server.module.js';

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
}

const MAX_CLOSING_MILLISECONDS = 10_000;

/** Starts a server that answers when the promise is kept. Rejects, with everything closed again, when it cannot. */
export async function createServer(settings: Config, parts: ReplaceableParts = {}): Promise<Server> {
  const log = parts.log ?? Log.at(settings.logLevel);
  const config = await choosePort(settings);
  const database = await openDatabase(config, log);
  try {
    await migrate(database.url, migrations);
    const app = await createApp(config, { databaseUrl: database.url, clock: parts.clock ?? new SystemClock(), log });
    const adminSecret = await open(app, config, log);
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

async function open(app: NestFastifyApplication, config: Config, log: Log): Promise<Secret | undefined> {
  try {
    const adminSecret = await prepareFirstUse(app, config);
    await app.listen(config.port, config.host);
    log.info('listening', { url: urlOf(config), issuer: config.issuer });
    return adminSecret;
  } catch (error) {
    await app.close();
    throw error;
  }
}

function urlOf({ host, port }: Config): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

async function createApp(config: Config, parts: { databaseUrl: string; clock: Clock; log: Log }): Promise<NestFastifyApplication> {
  const { adapter, methods } = createAdapter(config.issuer);
  const module = ServerModule.with({ config, ...parts, methods, keyring: openKeyring(config) });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: parts.log,
  });
  try {
    await setUpHttp(app);
    await app.init();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The secrets that this start made are printed, not logged: a terminal forgets them, a log does not. */
async function prepareFirstUse(app: NestFastifyApplication, { issuer, ...config }: Config): Promise<Secret | undefined> {
  const commands = app.get(CommandBus);
  const adminSecret = await prepareAdministrator(commands, config.adminSecret);
  const demo = config.demo ? await prepareDemo(commands) : undefined;
  process.stdout.write(banner({ issuer, demo, adminSecret }));
  return adminSecret;
}

async function closeApp(app: NestFastifyApplication): Promise<void> {
  const impatience = setTimeout(() => app.getHttpServer().closeAllConnections(), MAX_CLOSING_MILLISECONDS);
  try {
    await app.close();
  } finally {
    clearTimeout(impatience);
  }
}
