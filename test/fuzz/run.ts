/** A run: sends many requests with one seed, checks every answer, and watches the memory and the log of the server. */
import type { Answer } from './read-answers.js';
import { brokenRules } from './properties.js';
import { SharedConnection, sendAlone, type AnswerListener } from './connections.js';
import type { Pool } from './pool.js';
import { preparePool } from './prepare.js';
import { type FuzzedServer, startFuzzedServer } from './fuzzed-server.js';
import { type FuzzRequest, requestOf } from './framing.js';

export interface RunOptions {
  readonly databaseUrl: string;
  readonly seed: number;
  readonly requests: number;
  /** Stops after this time, with fewer requests. */
  readonly seconds?: number;
  /** Sends only the request with this number. */
  readonly only?: number | undefined;
  readonly onProgress?: (done: number) => void;
}

export interface Finding {
  readonly what: string;
  readonly request?: FuzzRequest;
  /** The numbers of the requests that were answered before on the same connection. */
  readonly before?: readonly number[];
  /** The answer as latin1. */
  readonly answer?: string;
}

/** The number of answers by endpoint and class: `2xx`, `3xx`, `4xx`, `5xx`, and `closed` if there was no answer. */
export type Counts = ReadonlyMap<string, Readonly<Record<string, number>>>;

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly findings: readonly Finding[];
  /** The request of the option `only`, with its answer. */
  readonly single: Finding | undefined;
  /** Medians of the resident memory in MiB, by thirds of the run. */
  readonly memory: readonly number[];
}

const SHARED_CONNECTIONS = 6;
const PIPELINE_DEPTH = 4;
/** The limit of concurrent requests on connections of their own. */
const MAX_ALONE = 24;
const MAX_FINDINGS = 25;
const MEMORY_INTERVAL = 250;
/** With fewer measurements, the medians are not reliable. */
const MIN_MEASUREMENTS = 15;
const MAX_GROWTH = 1.25;

export async function fuzz({ databaseUrl, ...options }: RunOptions): Promise<FuzzReport> {
  const server = await startFuzzedServer(databaseUrl);
  try {
    const pool = await preparePool(server);
    const run = new Run(server, pool, options);
    return await run.report();
  } finally {
    await server.stop();
  }
}

class Run implements AnswerListener {
  readonly #counts = new Map<string, Record<string, number>>();
  readonly #counted = new Set<number>();
  readonly #findings: Finding[] = [];
  #single: Finding | undefined;
  readonly #alone = new Set<Promise<void>>();
  readonly #queue: FuzzRequest[] = [];
  readonly #deadline: number;
  readonly #end: number;
  #number: number;

  constructor(
    private readonly server: FuzzedServer,
    private readonly pool: Pool,
    private readonly options: Omit<RunOptions, 'databaseUrl'>,
  ) {
    this.#number = options.only ?? 0;
    this.#deadline = performance.now() + (options.seconds ?? Infinity) * 1000;
    this.#end = options.only === undefined ? options.requests : options.only + 1;
  }

  async report(): Promise<FuzzReport> {
    const started = performance.now();
    const measured: number[] = [];
    const measuring = setInterval(() => measured.push(this.server.memory()), MEMORY_INTERVAL);
    const connect = (): SharedConnection => new SharedConnection(this.server, PIPELINE_DEPTH, () => this.#next(), this);
    await Promise.all(Array.from({ length: SHARED_CONNECTIONS }, () => connect().run()));
    clearInterval(measuring);
    // When one request ends, the next one of the queue may be sent.
    while (this.#alone.size > 0) await Promise.all(this.#alone);
    const seconds = (performance.now() - started) / 1000;
    const memory = thirds(measured);
    this.#checkMemory(memory, measured.length);
    await this.#checkEnd();
    const requests = this.#number - (this.options.only ?? 0);
    return { seed: this.options.seed, requests, seconds, counts: this.#counts, findings: this.#findings, single: this.#single, memory };
  }

  answered(request: FuzzRequest, answer: Answer): void {
    this.#count(request, `${String(answer.status).charAt(0)}xx`);
    const broken = brokenRules(request, answer, this.pool);
    if (request.delivery === 'shared') request.draft.learn?.(answer);
    for (const what of broken) this.#found({ what, request, answer: textOf(answer) });
    if (this.options.only !== undefined) this.#single = { what: 'the answer to this request', request, answer: textOf(answer) };
  }

  closed(request: FuzzRequest): void {
    this.#count(request, 'closed');
  }

  failed(request: FuzzRequest, what: string, before: readonly number[] = []): void {
    this.#count(request, 'closed');
    this.#found({ what, request, before });
  }

  /** The next request for a shared connection. Requests that need a connection of their own are sent in between. */
  #next(): FuzzRequest | undefined {
    while (this.#number < this.#end && this.#findings.length < MAX_FINDINGS && performance.now() < this.#deadline) {
      const request = requestOf(this.options.seed, this.#number, this.pool);
      this.#number += 1;
      if (this.#number % 1000 === 0) this.options.onProgress?.(this.#number);
      if (request.delivery === 'shared') return request;
      this.#queue.push(request);
      this.#sendQueued();
    }
    return undefined;
  }

  #sendQueued(): void {
    while (this.#alone.size < MAX_ALONE) {
      const request = this.#queue.shift();
      if (request === undefined) return;
      const sent = sendAlone(this.server, request, this).then(() => {
        this.#alone.delete(sent);
        this.#sendQueued();
      });
      this.#alone.add(sent);
    }
  }

  /** Counts each request once, by its first answer. A request with another one appended may have two answers. */
  #count({ number, draft: { endpoint } }: FuzzRequest, kind: string): void {
    if (this.#counted.has(number)) return;
    this.#counted.add(number);
    const counts = this.#counts.get(endpoint) ?? {};
    counts[kind] = (counts[kind] ?? 0) + 1;
    this.#counts.set(endpoint, counts);
  }

  /** Keeps one finding of each kind for each endpoint. */
  #found(finding: Finding): void {
    const isKnown = this.#findings.some(
      ({ what, request }) => what === finding.what && request?.draft.endpoint === finding.request?.draft.endpoint,
    );
    if (!isKnown) this.#findings.push(finding);
  }

  #checkMemory([, second = 0, last = 0]: readonly number[], measurements: number): void {
    if (measurements < MIN_MEASUREMENTS || second === 0 || last <= second * MAX_GROWTH) return;
    this.#found({ what: `memory grew from ${second.toFixed(0)} MiB in the second third to ${last.toFixed(0)} MiB in the last` });
  }

  async #checkEnd(): Promise<void> {
    if (!this.server.isAlive()) {
      this.#found({ what: 'the server has ended' });
      return;
    }
    const { status } = await fetch(`${this.server.url}/health/ready`);
    if (status !== 200) this.#found({ what: `the server is not ready at the end: ${String(status)}` });
    const code = await this.server.stop();
    if (code !== 0) this.#found({ what: `the server ended with ${String(code)}` });
    for (const line of this.server.suspiciousLines) this.#found({ what: `the log has a suspicious line: ${line}` });
  }
}

function textOf({ status, headers, body }: Answer): string {
  const lines = [...headers].flatMap(([name, values]) => values.map((value) => `${name}: ${value}`));
  return `${String(status)}\n${lines.join('\n')}\n\n${body.toString('latin1', 0, 1500)}`;
}

function thirds(measured: readonly number[]): readonly number[] {
  const size = Math.ceil(measured.length / 3);
  return [0, 1, 2].map((third) => median(measured.slice(third * size, (third + 1) * size)));
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
