/** A run: so many requests with one seed, every answer looked at, memory and log watched, and what was found told. */
import type { Answer } from './answers.js';
import { brokenRules } from './properties.js';
import { Lane, sendAlone, type Told } from './connections.js';
import type { Pool } from './pool.js';
import { preparePool } from './prepare.js';
import { type FuzzTarget, startTarget } from './target.js';
import { type Shot, shotOf } from './wire.js';

export interface RunOptions {
  readonly databaseUrl: string;
  readonly seed: number;
  readonly requests: number;
  /** Stop after this time, with fewer requests. */
  readonly seconds?: number;
  /** Send the request of this number and no other. */
  readonly only?: number | undefined;
  readonly onProgress?: (done: number) => void;
}

export interface Finding {
  readonly what: string;
  readonly shot?: Shot;
  /** The numbers of those that came before on the same connection. */
  readonly before?: readonly number[];
  /** Of the answer, as latin1. */
  readonly answer?: string;
}

/** Answers by class: `2xx`, `3xx`, `4xx`, `5xx`, and `closed` where the connection ended without one. */
export type Counts = ReadonlyMap<string, Readonly<Record<string, number>>>;

export interface FuzzReport {
  readonly seed: number;
  readonly requests: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly findings: readonly Finding[];
  /** The one request that was wanted, with its answer. */
  readonly single: Finding | undefined;
  /** Medians of the resident memory in MiB, by thirds of the run. */
  readonly memory: readonly number[];
}

const LANES = 6;
const DEPTH = 4;
/** Requests on connections of their own at the same time. */
const MAX_ALONE = 24;
const MAX_FINDINGS = 25;
const MEMORY_INTERVAL = 250;
/** Below this many measurements a third says nothing. */
const MIN_MEASUREMENTS = 15;
const MAX_GROWTH = 1.25;

export async function fuzz({ databaseUrl, ...options }: RunOptions): Promise<FuzzReport> {
  const target = await startTarget(databaseUrl);
  try {
    const pool = await preparePool(target);
    const run = new Run(target, pool, options);
    return await run.report();
  } finally {
    await target.stop();
  }
}

class Run implements Told {
  readonly #counts = new Map<string, Record<string, number>>();
  readonly #counted = new Set<number>();
  readonly #findings: Finding[] = [];
  #single: Finding | undefined;
  readonly #alone = new Set<Promise<void>>();
  readonly #queue: Shot[] = [];
  readonly #deadline: number;
  readonly #end: number;
  #number: number;

  constructor(
    private readonly target: FuzzTarget,
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
    const measuring = setInterval(() => measured.push(this.target.memory()), MEMORY_INTERVAL);
    await Promise.all(Array.from({ length: LANES }, () => new Lane(this.target, DEPTH, () => this.#next(), this).run()));
    clearInterval(measuring);
    // Each that ends may have the next of the queue sent.
    while (this.#alone.size > 0) await Promise.all(this.#alone);
    const seconds = (performance.now() - started) / 1000;
    const memory = thirds(measured);
    this.#judgeMemory(memory, measured.length);
    await this.#judgeEnd();
    const requests = this.#number - (this.options.only ?? 0);
    return { seed: this.options.seed, requests, seconds, counts: this.#counts, findings: this.#findings, single: this.#single, memory };
  }

  answered(shot: Shot, answer: Answer): void {
    this.#count(shot, `${String(answer.status).charAt(0)}xx`);
    const broken = brokenRules(shot, answer, this.pool);
    if (shot.delivery === 'shared') shot.draft.learn?.(answer);
    for (const what of broken) this.#found({ what, shot, answer: textOf(answer) });
    if (this.options.only !== undefined) this.#single = { what: 'the answer to this request', shot, answer: textOf(answer) };
  }

  closed(shot: Shot): void {
    this.#count(shot, 'closed');
  }

  failed(shot: Shot, what: string, before: readonly number[] = []): void {
    this.#count(shot, 'closed');
    this.#found({ what, shot, before });
  }

  /** The next request for a shared connection; those that need their own are sent beside. */
  #next(): Shot | undefined {
    while (this.#number < this.#end && this.#findings.length < MAX_FINDINGS && performance.now() < this.#deadline) {
      const shot = shotOf(this.options.seed, this.#number, this.pool);
      this.#number += 1;
      if (this.#number % 1000 === 0) this.options.onProgress?.(this.#number);
      if (shot.delivery === 'shared') return shot;
      this.#queue.push(shot);
      this.#sendQueued();
    }
    return undefined;
  }

  #sendQueued(): void {
    while (this.#alone.size < MAX_ALONE) {
      const shot = this.#queue.shift();
      if (shot === undefined) return;
      const sent = sendAlone(this.target, shot, this).then(() => {
        this.#alone.delete(sent);
        this.#sendQueued();
      });
      this.#alone.add(sent);
    }
  }

  /** Each request once, by the first that came of it: what was smuggled in behind it has an answer too. */
  #count({ number, draft: { endpoint } }: Shot, kind: string): void {
    if (this.#counted.has(number)) return;
    this.#counted.add(number);
    const counts = this.#counts.get(endpoint) ?? {};
    counts[kind] = (counts[kind] ?? 0) + 1;
    this.#counts.set(endpoint, counts);
  }

  /** One of each kind for each endpoint is enough to look into. */
  #found(finding: Finding): void {
    const isKnown = this.#findings.some(
      ({ what, shot }) => what === finding.what && shot?.draft.endpoint === finding.shot?.draft.endpoint,
    );
    if (!isKnown) this.#findings.push(finding);
  }

  #judgeMemory([, second = 0, last = 0]: readonly number[], measurements: number): void {
    if (measurements < MIN_MEASUREMENTS || second === 0 || last <= second * MAX_GROWTH) return;
    this.#found({ what: `memory grew from ${second.toFixed(0)} MiB in the second third to ${last.toFixed(0)} MiB in the last` });
  }

  async #judgeEnd(): Promise<void> {
    if (!this.target.isAlive()) {
      this.#found({ what: 'the server has ended' });
      return;
    }
    const { status } = await fetch(`${this.target.url}/health/ready`);
    if (status !== 200) this.#found({ what: `the server is not ready at the end: ${String(status)}` });
    const code = await this.target.stop();
    if (code !== 0) this.#found({ what: `the server ended with ${String(code)}` });
    for (const line of this.target.suspiciousLines) this.#found({ what: `the log has: ${line}` });
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
