/**
 * The log of the server: one JSON line for each request and for each event that an operator should know. It never has a whole
 * query string, body, cookie or header of a request.
 */
import type { LoggerService } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { currentTraceId } from '#kernel/request-context.js';

/** Pino as the logger of Nest. */
export class Log implements LoggerService {
  constructor(readonly pino: Logger) {}

  static at(level: string): Log {
    return new Log(pino({ level, base: null, mixin: () => ({ trace_id: currentTraceId() }), serializers: { err: describe } }));
  }

  log(message: unknown, ...rest: unknown[]): void {
    // While it starts, Nest logs every route and module.
    this.#write('debug', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#write('fatal', message, rest);
  }

  info(message: string, fields: object = {}): void {
    this.pino.info(fields, message);
  }

  /** An unexpected failure, with its stack, which only the log has. */
  failure(message: string, error: unknown, fields: object = {}): void {
    this.pino.error({ ...fields, err: error }, message);
  }

  #write(level: 'debug' | 'error' | 'fatal' | 'trace' | 'warn', message: unknown, rest: readonly unknown[]): void {
    const context = rest.at(-1);
    const fields = typeof context === 'string' ? { context } : {};
    if (message instanceof Error) this.pino[level]({ ...fields, err: message }, message.message);
    else this.pino[level]({ ...fields, ...stackOf(rest) }, String(message));
  }
}

/** Nest passes (message, stack, context). */
function stackOf(rest: readonly unknown[]): object {
  return rest.length > 1 && typeof rest[0] === 'string' ? { stack: rest[0] } : {};
}

/** The fields that help to find a defect. Other fields of an error may have statements and their values. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return { type: name, message, code, stack, ...(cause === undefined ? {} : { cause: describe(cause) }) };
}

/** One line for each request, with the pattern of the route instead of the path. */
export function logRequests(fastify: FastifyInstance, log: Log): void {
  if (!log.pino.isLevelEnabled('info')) return;
  fastify.addHook('onResponse', (request, reply, done) => {
    log.pino.info(
      {
        trace_id: request.traceId,
        method: request.method,
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 100) / 100,
      },
      'request',
    );
    done();
  });
}
