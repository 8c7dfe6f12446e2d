/** Fastify with its limits, and its hooks and plugins in the order in which they see a request. */
import { fastifyCookie } from '@fastify/cookie';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Keyring } from '#kernel/keyring.js';
import type { Config } from '../config/config.js';
import { countRequests } from '../telemetry/count-requests.js';
import { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import { parseQuery, readBodies, refuseBadRequests } from './bodies.js';
import { answerBadPath, answerBrokenRequest, watchConnections } from './broken-requests.js';
import { BrowserSession } from './browser-session.js';
import { protectForms } from './csrf.js';
import { requireKinds, setHeadersOfKinds } from './endpoint-kind.js';
import { Issuer } from './issuer.js';
import { Log, logRequests } from './logging.js';
import { Methods } from './methods.js';
import { setSecurityHeaders } from './security-headers.js';
import { traceRequests } from './trace.js';

const KIB = 1024;
const SECOND = 1000;
/** The time in which a request must arrive completely. */
const REQUEST_TIMEOUT = 10 * SECOND;

/** `issuer` as configured: a proxy may leave its path in front of ours. */
export function createAdapter(config: Pick<Config, 'issuer' | 'trustedProxies'>): { adapter: FastifyAdapter; methods: Methods } {
  const own = new Issuer(config.issuer);
  const adapter = new FastifyAdapter({
    bodyLimit: 64 * KIB,
    requestTimeout: REQUEST_TIMEOUT,
    connectionTimeout: 120 * SECOND,
    // `refuseBadRequests` refuses a request without `Host`: the answer of Node would have no body and none of our headers.
    http: {
      maxHeaderSize: 16 * KIB,
      headersTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: SECOND,
      requireHostHeader: false,
    },
    // Forwarding headers of anyone else could name any address.
    trustProxy: [...config.trustedProxies],
    rewriteUrl: ({ url = '/' }) => own.strip(originForm(url)),
    // A client ID has up to 256 characters, and each may take three in a path.
    routerOptions: { querystringParser: parseQuery, maxParamLength: 768 },
    // No route has a schema. For schemas, Fastify would load Ajv and a compiler of serializers, a twentieth of a start.
    schemaController: { compilersFactory: { buildValidator: refuseSchema, buildSerializer: refuseSchema } },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadPath,
    logger: false,
  });
  const fastify = adapter.getInstance();
  watchConnections(fastify.server);
  requireKinds(fastify);
  return { adapter, methods: new Methods(fastify) };
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
  await protectForms(fastify, { browsers: app.get(BrowserSession), keyring: app.get(Keyring), issuer });
  setHeadersOfKinds(fastify);
}

/**
 * The path and query of a target, which may be in absolute form (RFC 9112 §3.2.2). A target of another form, such as `*`, gets
 * a slash in front, so the router answers it with 404.
 */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const rest = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return rest.startsWith('/') ? rest : `/${rest}`;
}
