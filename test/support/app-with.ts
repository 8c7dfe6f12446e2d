/** The application of the server with further controllers, as while somebody develops one. */
import { tmpdir } from 'node:os';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from '#server/config/config.js';
import { Log } from '#server/http/logging.js';
import { createAdapter, setUpHttp } from '#server/http/set-up-http.js';
import { ServerModule } from '#server/start/server.module.js';
import { openKeyring } from '#server/start/server-secrets.js';
import { TestClock } from './clock.js';

@Module({})
class ExtendedModule {}

/** Rejects if the application does not start. */
export async function startAppWith(databaseUrl: string, ...controllers: Type[]): Promise<NestFastifyApplication> {
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    GATEHOUSE_SECRET: 'secret-of-an-application-of-tests',
    GATEHOUSE_DATA: tmpdir(),
    LOG_LEVEL: 'silent',
  });
  const log = Log.at(config.logLevel);
  const { adapter, methods } = createAdapter(config);
  const server = ServerModule.with({ config, databaseUrl, clock: new TestClock(), keyring: openKeyring(config), log, methods });
  const module: DynamicModule = { module: ExtendedModule, imports: [server], controllers };
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, { bodyParser: false, abortOnError: false, logger: log });
  try {
    await setUpHttp(app, undefined);
    await app.listen(0, '127.0.0.1');
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}
