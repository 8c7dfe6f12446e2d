/** How the relay moves. Tests hurry it; a server has no reason to. */
export class RelayOptions {
  /** Between two looks at an outbox of which no commit on this server tells. */
  readonly pollMs: number = 1000;
  /** Least time between two rounds: under load, what is committed in the meantime moves together. */
  readonly gatherMs: number = 50;
  /** Facts that get their positions in one transaction. */
  readonly batch: number = 500;
  /** Deliveries under way at once, for each handler on each server. */
  readonly concurrency: number = 8;
  /** What a handler may take before the delivery counts as failed. */
  readonly handlerTimeoutMs: number = 30_000;
  /** What a claimed delivery is ours for; longer than a handler may take, with what it takes to store the outcome. */
  readonly leaseMs: number = 60_000;
  /** What a stop waits for the last round and the handlers under way. */
  readonly drainMs: number = 2000;

  constructor(changes: Partial<RelayOptions> = {}) {
    Object.assign(this, changes);
  }
}
