/**
 * Answers to what is not HTTP, never became a whole request, or has a path that the router cannot read: no route, hook or
 * error filter has seen it. So everything that an answer needs is here, the headers of every answer too.
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

/** The newest answer of each connection: those before it are through when it is. */
const newest = new WeakMap<Socket, ServerResponse>();

/** What Node would answer by itself, in answers that nothing here sees. */
export function watchConnections(server: Server): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => newest.set(request.socket, response));
  // RFC 9110 §10.1.1: what else may be expected is nothing that a server must know.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => server.emit('request', request, response));
}

/** The router refuses such a path before any hook or filter runs. */
export function answerBadPath(_error: Error, _request: unknown, reply: FastifyReply): void {
  void reply.status(400).headers(HEADERS).send(refusal('the path is not valid'));
}

/** Answers and closes the connection, after the answers to whole requests that came before on it (RFC 9112 §9.3.2). */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  const answer = newest.get(socket);
  if (answer === undefined || answer.writableFinished && answer.req.complete) refuse(error, socket);
  else if (answer.req.complete) answer.once('finish', () => refuse(error, socket));
  else if (answer.headersSent || answer.socket === null) socket.destroySoon(); // Its own, given already, or not its turn.
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
