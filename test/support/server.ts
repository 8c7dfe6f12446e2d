/** Starts the real server in this process, with a port, a database and a test clock of its own. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from '#server/config/config.js';
import { createServer } from '#server/start/create-server.js';
import { Admin } from './admin.js';
import { TestClock } from './clock.js';
import { createDatabase, dropDatabase } from './database.js';

export interface TestServerOptions {
  /** Starts a second instance on the database of this server. */
  readonly besides?: TestServer;
  /** A database of the caller, which is not dropped when the server is closed. */
  readonly databaseUrl?: string;
  readonly clientAuthentication?: 'lenient' | 'strict';
  /** Settings that are added to those of the tests, or override them. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly url: string;
  readonly issuer: string;
  readonly clock: TestClock;
  readonly databaseUrl: string;
  readonly secret: string;
  readonly app: NestFastifyApplication;
  /** The administration API, called by the first administrator with every scope. */
  readonly admin: Admin;
  close(): Promise<void>;
}

/** What a test needs to call a server, in this process or another one. */
export type Served = Pick<TestServer, 'url' | 'admin' | 'databaseUrl'>;

const ADMIN_SECRET = 'administrator-of-the-tests-only-0';

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { besides } = options;
  const clock = besides?.clock ?? new TestClock();
  const secret = besides?.secret ?? randomBytes(32).toString('base64url');
  const given = besides?.databaseUrl ?? options.databaseUrl;
  const databaseUrl = given ?? (await createDatabase());
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: databaseUrl,
    GATEHOUSE_SECRET: secret,
    GATEHOUSE_ADMIN_SECRET: ADMIN_SECRET,
    GATEHOUSE_DATA: tmpdir(),
    GATEHOUSE_CLIENT_AUTHENTICATION: options.clientAuthentication ?? 'lenient',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    ...(besides === undefined ? {} : { GATEHOUSE_ISSUER: besides.issuer }),
    ...options.env,
  });
  const server = await createServer(config, { clock });
  return {
    url: server.url,
    issuer: server.issuer,
    clock,
    databaseUrl,
    secret,
    app: server.app,
    admin: new Admin(server.url, ADMIN_SECRET),
    close: async () => {
      await server.close();
      if (given === undefined) await dropDatabase(databaseUrl);
    },
  };
}
