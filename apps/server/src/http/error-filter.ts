import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DatabaseUnavailable, OAuthError } from '#kernel/errors.js';
import { newTraceId } from '#kernel/request-context.js';
import { plainProblem, Problem } from '../admin/problem.js';
import { renderErrorPage } from '../pages/error-page.js';
import { answerTo, type ErrorAnswer, type ErrorPlace, placeOf } from './error-answer.js';
import { Issuer } from './issuer.js';
import { Log } from './logging.js';
import { Methods } from './methods.js';

/** The one place where an error becomes HTTP: a protocol document, a problem document or a page, and a line in the log. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly methods: Methods,
    private readonly issuer: Issuer,
  ) {}

  async catch(thrown: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = thrown instanceof NotFoundException ? this.methods.refusal(request.url) : thrown;
    // What the router itself refuses never reached the hook that begins a trace.
    const traceId = request.traceId === '' ? newTraceId() : request.traceId;
    const place = placeOf(request.url.split('?', 1)[0] ?? '');
    const answer = answerTo(error, place, Number.parseInt(traceId.slice(0, 8), 16) / 2 ** 32);
    this.#tell(error, answer, traceId);
    if (reply.sent) return;
    void reply.status(answer.status).headers({ 'cache-control': 'no-store', ...answer.headers });
    const errorUri = this.issuer.absolute(`/errors/${answer.code}`);
    await send(reply, { error, answer, place, traceId, errorUri });
  }

  #tell(error: unknown, answer: ErrorAnswer, traceId: string): void {
    const fields = { trace_id: traceId, status: answer.status };
    if (answer.status === 500) this.log.failure('the request failed', error, fields);
    else if (error instanceof DatabaseUnavailable) this.log.pino.warn({ ...fields, cause: String(error.cause) }, error.message);
    else if (error instanceof OAuthError) {
      this.log.pino.info({ ...fields, error: error.code, description: error.description, detail: error.detail }, 'refused');
    }
  }
}

interface Told {
  readonly error: unknown;
  readonly answer: ErrorAnswer;
  readonly place: ErrorPlace;
  readonly traceId: string;
  /** RFC 6749 §5.2 */
  readonly errorUri: string;
}

async function send(reply: FastifyReply, { error, answer, place, traceId, errorUri }: Told): Promise<void> {
  if (place === 'page') {
    await renderErrorPage(reply, { error, answer, traceId });
  } else if (place === 'administration') {
    const problem = error instanceof Problem ? error.toBody(traceId) : plainProblem(answer.status, answer.description, traceId);
    await reply.type('application/problem+json').send(problem);
  } else {
    const { code, description } = answer;
    await reply.type('application/json').send({ error: code, error_description: description, error_uri: errorUri, trace_id: traceId });
  }
}
