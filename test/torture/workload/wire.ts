/** The way to the servers, on which answers get lost: each request has an answer, or else an outcome that is not known. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from '#test/browser.js';
import type { Journal } from '../journal.js';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly sentAt: number;
  readonly endedAt: number;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | URLSearchParams;
}

/** Nobody waits longer for an answer, whatever is dead: connecting (5 s), a statement (12 s), and something on top. */
const PATIENCE_MS = 20_000;
/** A client that hammers at a dead server only keeps it from starting. */
const AFTER_LOSS_MS = 100;

export class Wire {
  readonly counts = { requests: 0, answered: 0, unavailable: 0, lost: 0 };
  slowestMs = 0;

  constructor(
    private readonly journal: Journal,
    private readonly server: () => string,
  ) {}

  /** The URL of either server. */
  url(): string {
    return this.server();
  }

  /** Undefined where the outcome is not known. `path` goes to either server. */
  async send(path: string, init: Sent = {}): Promise<Reply | undefined> {
    const sentAt = Date.now();
    const answer = await this.#bounded(`${init.method ?? 'GET'} ${path}`, async () => {
      const response = await fetch(this.server() + path, { ...init, redirect: 'manual' });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text };
    });
    if (answer === undefined) return undefined;
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    const body = (isJson ? JSON.parse(answer.text) : {}) as Reply['body'];
    return { status: answer.status, headers: answer.headers, body, sentAt, endedAt: Date.now() };
  }

  /** The same for a page of a browser. */
  page(visit: () => Promise<Page>, what: string): Promise<Page | undefined> {
    return this.#bounded(what, visit);
  }

  async #bounded<T extends { status: number }>(what: string, request: () => Promise<T>): Promise<T | undefined> {
    this.counts.requests += 1;
    const began = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), PATIENCE_MS)));
    try {
      const answer = await Promise.race([request(), late]);
      if (answer === 'late') {
        this.journal.complaints.push(`${what}: no answer in ${PATIENCE_MS / 1000} s`);
        return undefined;
      }
      return this.#told(what, answer);
    } catch {
      this.counts.lost += 1; // The connection broke, before the answer or in it.
      await pause(AFTER_LOSS_MS);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    }
  }

  #told<T extends { status: number }>(what: string, answer: T): T | undefined {
    if (answer.status < 500) {
      this.counts.answered += 1;
      return answer;
    }
    this.counts.unavailable += 1;
    if (answer.status !== 503) this.journal.complaints.push(`${what}: answered with ${answer.status}`);
    return undefined;
  }
}
