import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DatabaseUnavailable, OAuthError } from '#kernel/errors.js';
import { newTraceId } from '#kernel/request-context.js';
import type { EndpointKind } from './endpoint-kind.js';
import { answerTo, type ErrorAnswer } from './error-answer.js';
import { Issuer } from './issuer.js';
import { RegisteredKinds } from './kinds-by-path.js';
import { Log } from './logging.js';
import { Methods } from './methods.js';

/** The one place where an error becomes HTTP: the document that the kind of the endpoint renders, and a line in the log. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly methods: Methods,
    private readonly issuer: Issuer,
    private readonly kinds: RegisteredKinds,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = thrown instanceof NotFoundException ? this.methods.refusal(request.url) : thrown;
    // A request that the router refuses never reaches the hook that sets the trace ID.
    const traceId = request.traceId === '' ? newTraceId() : request.traceId;
    const kind = request.routeOptions.config.kind ?? this.kinds.at(request.url.split('?', 1)[0] ?? '');
    const answer = answerTo(error, kind.challenge, Number.parseInt(traceId.slice(0, 8), 16) / 2 ** 32);
    this.#logError(error, answer, traceId);
    if (reply.sent) return;
    setHeaders(reply, answer, kind);
    const errorUri = this.issuer.absolute(`/errors/${answer.code}`);
    await kind.renderError(reply, { error, answer, traceId, errorUri });
  }

  #logError(error: unknown, answer: ErrorAnswer, traceId: string): void {
    const fields = { trace_id: traceId, status: answer.status };
    if (answer.status === 500) this.log.failure('the request failed', error, fields);
    else if (error instanceof DatabaseUnavailable) this.log.pino.warn({ ...fields, cause: String(error.cause) }, error.message);
    else if (error instanceof OAuthError) {
      this.log.pino.info({ ...fields, error: error.code, description: error.description, detail: error.detail }, 'refused');
    }
  }
}

/** Takes back the headers that the kind has set for a success. */
function setHeaders(reply: FastifyReply, { status, headers }: ErrorAnswer, kind: EndpointKind): void {
  for (const name of Object.keys(kind.headers)) void reply.removeHeader(name);
  void reply.status(status).headers({ 'cache-control': 'no-store', ...headers });
}
