/**
 * What the server counts of itself, in the words of Prometheus. Counting is an addition in memory, on the server where a thing
 * happened; what has to be asked for is asked when somebody reads. No label takes a value that a caller could make up.
 */
import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { CodeIssued, CodeRedeemed, CodeReplayed } from '#authorization/contracts.js';
import { type DomainEvent, type EventClass, QueryBus } from '#kernel/bus.js';
import { Database } from '#database/database.js';
import { Outbox } from '#database/outbox.js';
import { GRANT_TYPES } from '#kernel/protocol-names.js';
import { Gauges } from './gauges.js';
import { boundedMethod } from './method.js';
import { BufferedCounter } from './buffered-counter.js';

const LOGIN_RESULTS = ['success', 'refused', 'slow-down', 'unavailable'] as const;
export type CountedLogin = (typeof LOGIN_RESULTS)[number];

const CODE_OUTCOMES: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [CodeIssued, 'issued'],
  [CodeRedeemed, 'redeemed'],
  [CodeReplayed, 'replayed'],
]);

/** Seconds: from an answer out of memory to one that waited for its time limit. */
const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

@Injectable()
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = this.#tally('http_requests_total', 'Requests answered', ['method', 'route', 'status']);
  readonly #grants = this.#tally('grants_total', 'Token requests', ['grant_type', 'result']);
  readonly #codes = this.#tally('codes_total', 'Authorization codes issued, redeemed and replayed', ['outcome']);
  readonly #logins = this.#tally('logins_total', 'Login forms', ['result']);
  readonly #events = this.#tally('events_total', 'Facts committed by this server', ['type']);
  readonly #durations = new Histogram({
    name: 'gatehouse_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer',
    labelNames: ['method', 'route'],
    buckets: DURATIONS,
    registers: [this.#registry],
  });
  readonly #gauges: Gauges;
  #measuresProcess = false;

  constructor(
    outbox: Outbox,
    database: Database,
    queries: QueryBus,
  ) {
    this.#gauges = new Gauges(this.#registry, queries, database);
    outbox.onCommit((events) => this.#countEvents(events));
    for (const outcome of CODE_OUTCOMES.values()) this.#codes.add([outcome], 0);
    for (const result of LOGIN_RESULTS) this.#logins.add([result], 0);
  }

  readonly contentType = this.#registry.contentType;

  /** The text for Prometheus. Nobody who never reads it pays for the timers that measure the event loop. */
  async read(): Promise<string> {
    if (!this.#measuresProcess) collectDefaultMetrics({ register: this.#registry });
    this.#measuresProcess = true;
    await this.#gauges.refresh();
    return this.#registry.metrics();
  }

  /** `route` is the pattern; undefined where none fitted. */
  countRequest(request: { method: string; route: string | undefined; status: number; seconds: number }): void {
    const { route = 'none', status, seconds } = request;
    const method = boundedMethod(request.method);
    this.#requests.add([method, route, `${String(Math.floor(status / 100))}xx`]);
    this.#durations.observe({ method, route }, seconds);
  }

  /** `sent` as the client wrote it; `result` is `success` or the error code that it is told. */
  countGrant(sent: string | undefined, result: string): void {
    this.#grants.add([GRANT_TYPES.find((name) => name === sent) ?? 'other', result]);
  }

  countLogin(result: CountedLogin): void {
    this.#logins.add([result]);
  }

  #countEvents(events: readonly DomainEvent[]): void {
    for (const event of events) {
      this.#events.add([(event.constructor as unknown as EventClass).type]);
      const outcome = CODE_OUTCOMES.get(event.constructor);
      if (outcome !== undefined) this.#codes.add([outcome]);
    }
  }

  #tally(name: string, help: string, labelNames: readonly string[]): BufferedCounter {
    return new BufferedCounter(this.#registry, { name: `gatehouse_${name}`, help, labelNames });
  }
}
