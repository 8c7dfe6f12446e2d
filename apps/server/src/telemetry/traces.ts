/**
 * Traces for a collector of OpenTelemetry: a span for each request and one for each command and query that it sends. The trace
 * ID is that of the log and of the events. Loaded only where traces are configured, since loading it takes a while. A span
 * tells which route it was and what came of it, and nothing that a caller sent: no path, query, header or address.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { diag, DiagLogLevel, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CommandBus, QueryBus } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import { currentTraceId, newTraceId } from '#kernel/request-context.js';
import type { Log } from '../http/logging.js';
import { parentOf } from '../http/trace.js';
import { boundedMethod } from './method.js';

/** A stop does not wait longer for a collector that is gone. */
const FLUSH_MS = 1000;

export class Traces {
  readonly #provider = new BasicTracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES prevail.
    resource: resourceFromAttributes({ 'service.name': 'gatehouse' }).merge(detectResources({ detectors: [envDetector] })),
    // A span without a parent begins under the trace ID that its request has already.
    idGenerator: { generateTraceId: () => currentTraceId() ?? newTraceId(), generateSpanId: () => randomBytes(8).toString('hex') },
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  readonly #tracer = this.#provider.getTracer('gatehouse');
  readonly #spans = new AsyncLocalStorage<Span>();
  readonly #ofRequest = new WeakMap<FastifyRequest, Span>();

  constructor(log: Log) {
    const tell = (text: string): void => log.pino.warn({ cause: text }, 'traces');
    diag.setLogger({ error: tell, warn: tell, info: tell, debug: tell, verbose: tell }, { logLevel: DiagLogLevel.WARN });
  }

  /** Must run behind the hook that gives a request its trace. The last spans are sent when the last request has ended. */
  watchRequests(fastify: FastifyInstance): void {
    fastify.addHook('onClose', () => this.#close());
    fastify.addHook('onRequest', (request, _reply, done) => this.#spans.run(this.#begin(request), done));
    // As with the trace itself, a body loses what was entered before it.
    fastify.addHook('preValidation', (request, _reply, done) => {
      const span = this.#ofRequest.get(request);
      if (span === undefined) done();
      else this.#spans.run(span, done);
    });
    fastify.addHook('onResponse', (request, reply, done) => {
      this.#end(request, reply);
      done();
    });
  }

  /** Commands and queries of a request get spans below its own; the server's own rounds get none. */
  watchBus(bus: CommandBus | QueryBus): void {
    const execute = bus.execute.bind(bus) as (message: object, ...rest: unknown[]) => Promise<unknown>;
    const watched = (message: object, ...rest: unknown[]): Promise<unknown> => {
      const parent = this.#spans.getStore();
      if (parent === undefined) return execute(message, ...rest);
      const span = this.#tracer.startSpan(message.constructor.name, {}, trace.setSpan(ROOT_CONTEXT, parent));
      return this.#spans.run(span, () => settle(span, execute(message, ...rest)));
    };
    Object.defineProperty(bus, 'execute', { value: watched });
  }

  #begin(request: FastifyRequest): Span {
    const method = boundedMethod(request.method);
    const route = request.routeOptions.url;
    const parent = parentOf(request.headers['traceparent']);
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
    const attributes = {
      'http.request.method': method,
      'url.scheme': request.protocol === 'https' ? 'https' : 'http',
      ...(route !== undefined && { 'http.route': route }),
      // A path that is its own pattern holds nothing of the caller's.
      ...(route !== undefined && !/[:*]/.test(route) && { 'url.path': route }),
    };
    const name = [method === '_OTHER' ? 'HTTP' : method, route].filter((part) => part !== undefined).join(' ');
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, context);
    this.#ofRequest.set(request, span);
    return span;
  }

  async #close(): Promise<void> {
    await Promise.race([this.#provider.shutdown().catch(() => undefined), pause(FLUSH_MS, undefined, { ref: false })]);
  }

  #end(request: FastifyRequest, { statusCode }: FastifyReply): void {
    const span = this.#ofRequest.get(request);
    span?.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) fail(span, String(statusCode));
    span?.end();
  }
}

async function settle(span: Span, work: Promise<unknown>): Promise<unknown> {
  try {
    const result = await work;
    if (result instanceof OAuthError) span.setAttribute('error.type', result.code);
    return result;
  } catch (error) {
    fail(span, error instanceof Error ? error.name : 'unknown');
    throw error;
  } finally {
    span.end();
  }
}

function fail(span: Span | undefined, type: string): void {
  span?.setAttribute('error.type', type);
  span?.setStatus({ code: SpanStatusCode.ERROR });
}
