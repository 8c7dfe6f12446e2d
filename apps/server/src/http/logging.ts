/**
 * The server's log: one JSON line per request and per thing that an operator should know. What comes from outside is never
 * written whole: no query string, no body, no cookie, no header.
 */
import type { LoggerService } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { currentTraceId } from '#kernel/request-context.js';

/** Pino behind the interface that Nest logs by. */
export class Log implements LoggerService {
  constructor(readonly pino: Logger) {}

  static at(level: string): Log {
    return new Log(pino({ level, base: null, mixin: () => ({ trace_id: currentTraceId() }), serializers: { err: describe } }));
  }

  log(message: unknown, ...rest: unknown[]): void {
    // Nest tells of each route and module while it starts: nobody asks for that.
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

  /** Something failed that nobody asked for; with the stack, for the administrator alone. */
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

/** Nest hands over (message, stack, context). */
function stackOf(rest: readonly unknown[]): object {
  return rest.length > 1 && typeof rest[0] === 'string' ? { stack: rest[0] } : {};
}

/** What helps to find a defect; not the other fields of an error, where databases put statements and their values. */
function describe(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return { type: name, message, code, stack, ...(cause === undefined ? {} : { cause: describe(cause) }) };
}

/** One line a request, with the pattern of its route in place of its path. */
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
