/**
 * Answers to bytes that are not HTTP, to incomplete requests, and to paths that the router cannot read. No route, hook or error
 * filter sees these. So this file has everything that their answers need, including the headers of every answer.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { newTraceId } from '#kernel/request-context.js';

const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

const REFUSALS: Readonly<Record<string, readonly [status: string, description: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the headers are larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request did not arrive in time'],
};

/** The newest answer of each connection. When it is finished, the answers before it are finished too. */
const newest = new WeakMap<Socket, ServerResponse>();

/** Handles events that Node would otherwise answer by itself, without our headers. */
export function watchConnections(server: Server): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => newest.set(request.socket, response));
  // A server may ignore an expectation that it does not know (RFC 9110 §10.1.1).
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => server.emit('request', request, response));
}

/** For a path that the router refuses before any hook or filter runs. */
export function answerBadPath(_error: Error, _request: unknown, reply: FastifyReply): void {
  void reply.status(400).headers(HEADERS).send(refusal('the path is not valid'));
}

/** Answers and closes the connection, after the answers to earlier requests on it (RFC 9112 §9.3.2). */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  const answer = newest.get(socket);
  if (answer === undefined || answer.writableFinished && answer.req.complete) refuse(error, socket);
  else if (answer.req.complete) answer.once('finish', () => refuse(error, socket));
  else if (answer.headersSent || answer.socket === null) socket.destroySoon(); // It has its answer already, or waits for earlier ones.
  else refuse(error, socket);
}

function refuse({ code }: { code?: string }, socket: Socket): void {
  const [status, description] = REFUSALS[code ?? ''] ?? ['400 Bad Request', 'this is not a whole HTTP request'];
  const body = JSON.stringify(refusal(description));
  const headers = { ...HEADERS, 'content-length': String(body.length), connection: 'close' };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

function refusal(description: string): { error: string; error_description: string; trace_id: string } {
  return { error: 'invalid_request', error_description: description, trace_id: newTraceId() };
}
