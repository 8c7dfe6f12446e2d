/** An HTTP client of both servers. A request without an answer, or with a 503, has an unknown outcome: the result is undefined. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from '#test/browser.js';
import type { Journal } from '../journal.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body if it is JSON, otherwise an empty object. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly sentAt: number;
  readonly endedAt: number;
}

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | URLSearchParams;
}

/** Every request must be answered within this time: 5 s to connect to Postgres, 12 s for a statement, and a margin. */
const TIMEOUT_MS = 20_000;
/** Without this pause, requests to a server that is down would take the CPU that it needs to start. */
const PAUSE_AFTER_LOSS_MS = 100;

export class HttpClient {
  readonly counts = { requests: 0, answered: 0, unavailable: 0, lost: 0 };
  slowestMs = 0;

  constructor(
    private readonly journal: Journal,
    /** The URL of the server that gets the next request. */
    readonly url: () => string,
  ) {}

  /** Undefined if the outcome is unknown. */
  async send(path: string, init: RequestOptions = {}): Promise<Reply | undefined> {
    const sentAt = Date.now();
    const answer = await this.#withTimeout(`${init.method ?? 'GET'} ${path}`, async () => {
      const response = await fetch(this.url() + path, { ...init, redirect: 'manual' });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text };
    });
    if (answer === undefined) return undefined;
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    const body = (isJson ? JSON.parse(answer.text) : {}) as Reply['body'];
    return { status: answer.status, headers: answer.headers, body, sentAt, endedAt: Date.now() };
  }

  /** The same for a request of a browser. */
  page(visit: () => Promise<Page>, what: string): Promise<Page | undefined> {
    return this.#withTimeout(what, visit);
  }

  async #withTimeout<T extends { status: number }>(what: string, request: () => Promise<T>): Promise<T | undefined> {
    this.counts.requests += 1;
    const began = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), TIMEOUT_MS)));
    try {
      const answer = await Promise.race([request(), late]);
      if (answer === 'late') {
        this.journal.unexpected.push(`${what}: no answer within ${TIMEOUT_MS / 1000} s`);
        return undefined;
      }
      return this.#count(what, answer);
    } catch {
      this.counts.lost += 1; // The connection broke, before the answer or within it.
      await pause(PAUSE_AFTER_LOSS_MS);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    }
  }

  #count<T extends { status: number }>(what: string, answer: T): T | undefined {
    if (answer.status < 500) {
      this.counts.answered += 1;
      return answer;
    }
    this.counts.unavailable += 1;
    if (answer.status !== 503) this.journal.unexpected.push(`${what}: answered with ${answer.status}`);
    return undefined;
  }
}
