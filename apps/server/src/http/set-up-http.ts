/** Fastify, as the whole server uses it: its limits, its hooks and its plugins, in the order in which a request meets them. */
import type { Socket } from 'node:net';
import { fastifyCookie } from '@fastify/cookie';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { Keyring } from '#kernel/keyring.js';
import { newTraceId } from '#kernel/trace.js';
import type { Config } from '../config.js';
import { setUpViews } from '../pages/views.js';
import { countRequests } from '../telemetry/count-requests.js';
import { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import { parseQuery, readBodies, refuseBadRequests } from './bodies.js';
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
    http: { maxHeaderSize: 16 * KIB, headersTimeout: REQUEST_TIMEOUT, connectionsCheckingInterval: SECOND },
    // These say whom they speak for; anyone else could say anything.
    trustProxy: [...config.trustedProxies],
    rewriteUrl: ({ url = '/' }) => own.strip(url),
    // A client ID has up to 256 characters, each of which may be three in a path.
    routerOptions: { querystringParser: parseQuery, maxParamLength: 768 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerBadPath,
    logger: false,
  });
  return { adapter, methods: new Methods(adapter.getInstance()) };
}

export async function setUpHttp(app: NestFastifyApplication, traces: Traces | undefined): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const issuer = app.get(Issuer);
  traceRequests(fastify);
  traces?.watchRequests(fastify);
  logRequests(fastify, app.get(Log));
  countRequests(fastify, app.get(Metrics));
  await setSecurityHeaders(fastify, issuer.secure);
  refuseBadRequests(fastify);
  readBodies(fastify);
  await fastify.register(fastifyCookie);
  await protectPages(fastify, { browsers: app.get(BrowserSession), keyring: app.get(Keyring), issuer });
  await setUpViews(fastify, issuer);
}

const SOCKET_REFUSALS: Readonly<Record<string, readonly [status: string, description: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not arrive in time'],
};

function invalidRequest(description: string): { error: string; error_description: string; trace_id: string } {
  return { error: 'invalid_request', error_description: description, trace_id: newTraceId() };
}

/** The router refuses such a path before any hook or filter runs. */
function answerBadPath(_error: Error, _request: unknown, reply: FastifyReply): void {
  void reply.status(400).header('cache-control', 'no-store').send(invalidRequest('the path is not valid'));
}

/** Answers what is not HTTP, or never became a whole request: no route and no error filter has seen it. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  const [status, description] = SOCKET_REFUSALS[error.code ?? ''] ?? ['400 Bad Request', 'this is not a whole HTTP request'];
  const body = JSON.stringify(invalidRequest(description));
  const head = ['Content-Type: application/json', `Content-Length: ${String(body.length)}`, 'Cache-Control: no-store', 'Connection: close'];
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
