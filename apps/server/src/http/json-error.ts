import type { FastifyReply } from 'fastify';
import type { ErrorReport } from './endpoint-kind.js';

/** The error document of RFC 6749 §5.2, with the trace ID by which an administrator finds the request in the log. */
export async function renderJsonError(reply: FastifyReply, { answer, errorUri, traceId }: ErrorReport): Promise<void> {
  const { code, description } = answer;
  await reply.type('application/json').send({ error: code, error_description: description, error_uri: errorUri, trace_id: traceId });
}
