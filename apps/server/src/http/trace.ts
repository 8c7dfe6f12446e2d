import type { FastifyInstance } from 'fastify';
import { inTrace, newTraceId } from '#kernel/trace.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** 32 hexadecimal digits; the caller's, where it sent a `traceparent`. */
    traceId: string;
  }
}

/** W3C Trace Context §3.2.2: version 00, and later versions, which may have more behind the flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;

export function traceRequests(fastify: FastifyInstance): void {
  fastify.decorateRequest('traceId', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.traceId = parentTraceId(request.headers['traceparent']) ?? newTraceId();
    inTrace(request.traceId, done);
  });
  // A body arrives in events of the socket, which belong to no request: the trace is entered again behind it.
  fastify.addHook('preValidation', (request, _reply, done) => {
    inTrace(request.traceId, done);
  });
}

/** The trace ID of a valid `traceparent` header. */
export function parentTraceId(header: string | string[] | undefined): string | undefined {
  const traceId = typeof header === 'string' ? TRACEPARENT.exec(header)?.[1] : undefined;
  return traceId === '0'.repeat(32) ? undefined : traceId;
}
