/** The application of Nest, and what the first start puts into an empty database. */
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CommandBus, QueryBus } from '#kernel/bus.js';
import type { Clock } from '#kernel/clock.js';
import type { Secret } from '#kernel/secrets.js';
import { firstStartText, laterStartText } from './banner.js';
import type { Config } from '../config/config.js';
import { keepDemo } from '../demo/demo-file.js';
import { prepareAdministrator } from './first-start.js';
import type { Log } from '../http/logging.js';
import { createAdapter, setUpHttp } from '../http/set-up-http.js';
import { prepareDemo } from '../demo/prepare-demo.js';
import { AuthenticatorPages } from '../pages/authenticators/registry.js';
import { openKeyring } from './server-secrets.js';
import { ServerModule } from './server.module.js';
import type { Traces } from '../telemetry/traces.js';

export interface AppParts {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

export async function createApp(config: Config, parts: AppParts): Promise<NestFastifyApplication> {
  const { adapter, methods } = createAdapter(config);
  const module = ServerModule.with({ config, ...parts, methods, keyring: openKeyring(config) });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: parts.log,
  });
  try {
    await setUpHttp(app, await tracesOf(app, config, parts.log));
    await app.init();
    await app.get(AuthenticatorPages).requireAll();
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** The SDK takes its time to load, and most servers send no traces. */
async function tracesOf(app: NestFastifyApplication, config: Config, log: Log): Promise<Traces | undefined> {
  if (!config.traces) return undefined;
  const { Traces } = await import('../telemetry/traces.js');
  const traces = new Traces(log);
  for (const bus of [app.get(CommandBus), app.get(QueryBus)]) traces.watchBus(bus);
  return traces;
}

export interface FirstUse {
  /** The secret of the client `admin`, where this start made it up. */
  readonly adminSecret: Secret | undefined;
  readonly firstStart: string;
  readonly laterStart: string;
}

/** The administrator, and where there was none before the demo: nothing is added to what somebody uses already. */
export async function prepareFirstUse(app: NestFastifyApplication, config: Config): Promise<FirstUse> {
  const commands = app.get(CommandBus);
  const { isFirst, secret } = await prepareAdministrator(commands, config.adminSecret);
  const made = isFirst && config.demo ? await prepareDemo(commands) : undefined;
  const demoFile = keepDemo(config, made);
  const { issuer } = config;
  return {
    adminSecret: secret,
    firstStart: firstStartText({ issuer, demo: made, demoFile, adminSecret: secret }),
    laterStart: laterStartText({ issuer, demoFile, hasAdminSecret: config.adminSecret !== undefined }),
  };
}
