/** Fastify, as the whole server uses it: its limits, its hooks and its plugins, in the order in which a request meets them. */
import { fastifyCookie } from '@fastify/cookie';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Keyring } from '#kernel/keyring.js';
import type { Config } from '../config/config.js';
import { setUpViews } from '../pages/views.js';
import { countRequests } from '../telemetry/count-requests.js';
import { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import { parseQuery, readBodies, refuseBadRequests } from './bodies.js';
import { answerBadPath, answerBrokenRequest, watchConnections } from './broken-requests.js';
import { BrowserSession } from './browser-session.js';
import { protectPages } from './csrf.js';
import { Issuer } from './issuer.js';
import { Log, logRequests } from './logging.js';
import { Methods } from './methods.js';
import { setSecurityHeaders } from './security-headers.js';
import { traceRequests } from './trace.js';

const KIB = 1024;
const SECOND = 1000;
/** A request must have arrived whole after this time. */
const REQUEST_TIMEOUT = 10 * SECOND;

/** `issuer` as configured: its path may stand in front of ours. */
export function createAdapter(config: Pick<Config, 'issuer' | 'trustedProxies'>): { adapter: FastifyAdapter; methods: Methods } {
  const own = new Issuer(config.issuer);
  const adapter = new FastifyAdapter({
    bodyLimit: 64 * KIB,
    requestTimeout: REQUEST_TIMEOUT,
    connectionTimeout: 120 * SECOND,
    // Node would refuse a request without `Host` in an answer without a word or any of our headers: `refuseBadRequests` does it.
    http: {
      maxHeaderSize: 16 * KIB,
      headersTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: SECOND,
      requireHostHeader: false,
    },
    // These say whom they speak for; anyone else could say anything.
    trustProxy: [...config.trustedProxies],
    rewriteUrl: ({ url = '/' }) => own.strip(originForm(url)),
    // A client ID has up to 256 characters, each of which may be three in a path.
    routerOptions: { querystringParser: parseQuery, maxParamLength: 768 },
    // Fastify would load Ajv and a compiler of serializers, a twentieth of a start, for schemas of routes, of which there are none.
    schemaController: { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadPath,
    logger: false,
  });
  watchConnections(adapter.getInstance().server);
  return { adapter, methods: new Methods(adapter.getInstance()) };
}

function refuseSchema(): never {
  throw new Error('a route has a schema of Fastify, which nothing compiles: read its input at the edge instead');
}

export async function setUpHttp(app: NestFastifyApplication, traces: Traces | undefined): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const issuer = app.get(Issuer);
  traceRequests(fastify);
  traces?.watchRequests(fastify);
  logRequests(fastify, app.get(Log));
  countRequests(fastify, app.get(Metrics));
  setSecurityHeaders(fastify, issuer.secure);
  refuseBadRequests(fastify);
  readBodies(fastify);
  await fastify.register(fastifyCookie);
  await protectPages(fastify, { browsers: app.get(BrowserSession), keyring: app.get(Keyring), issuer });
  await setUpViews(fastify, issuer);
}

/**
 * The path and query of a target: its absolute form names an authority as well (RFC 9112 §3.2.2). What is neither, such as `*`,
 * is nothing here; with a slash in front the router says so in the usual way.
 */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}
