/** The real server in this process, on a port and a database of its own, with a clock that the test owns. */
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readConfig } from '#server/config/config.js';
import { createServer } from '#server/start/create-server.js';
import { Admin } from './admin.js';
import { TestClock } from './clock.js';
import { createDatabase, dropDatabase } from './database.js';

export interface TestServerOptions {
  /** Run on this server's database, as a second instance of it. */
  readonly besides?: TestServer;
  /** A database of the caller's; it stays when the server is closed. */
  readonly databaseUrl?: string;
  readonly clientAuthentication?: 'lenient' | 'strict';
  /** Settings on top of, or instead of, those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface TestServer {
  readonly url: string;
  readonly issuer: string;
  readonly clock: TestClock;
  readonly databaseUrl: string;
  readonly secret: string;
  readonly app: NestFastifyApplication;
  /** The administration API, with a token of the first administrator for every scope. */
  readonly admin: Admin;
  close(): Promise<void>;
}

/** What is needed of a server to speak to it, in this process or another. */
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
