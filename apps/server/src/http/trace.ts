import type { FastifyInstance } from 'fastify';
import { currentTraceId, inTrace, newTraceId } from '#kernel/request-context.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** 32 hexadecimal digits, from the caller if it sent a valid `traceparent`. */
    traceId: string;
  }
}

/** W3C Trace Context §3.2.2: version 00, and later versions, which may have more after the flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

export interface Parent {
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Bit 0: the caller records this trace (§3.2.2.5). */
  readonly traceFlags: number;
}

export function traceRequests(fastify: FastifyInstance): void {
  fastify.decorateRequest('traceId', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.traceId = parentOf(request.headers['traceparent'])?.traceId ?? newTraceId();
    inTrace(request.traceId, done);
  });
  // A body arrives in events of the socket, outside the context of the request, so the trace is entered again after it.
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (currentTraceId() === request.traceId) done();
    else inTrace(request.traceId, done);
  });
}

/** The parent in a `traceparent` header. Undefined if the header is absent or not valid. */
export function parentOf(header: string | string[] | undefined): Parent | undefined {
  const [, traceId, spanId = '', flags = ''] = TRACEPARENT.exec(typeof header === 'string' ? header : '') ?? [];
  return traceId === undefined ? undefined : { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}
