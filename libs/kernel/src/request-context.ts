import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from './secrets.js';

const traces = new AsyncLocalStorage<string>();

/** A new trace ID: 32 hexadecimal digits (W3C Trace Context §3.2.2.3). */
export function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

/** Runs `work`, and all that it awaits, as part of the trace `traceId`. */
export function inTrace<T>(traceId: string, work: () => T): T {
  return traces.run(traceId, work);
}

/** The trace of the request under way; undefined outside of one. */
export function currentTraceId(): string | undefined {
  return traces.getStore();
}
