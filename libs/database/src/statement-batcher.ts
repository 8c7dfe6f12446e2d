import { DatabaseUnavailable } from '#kernel/errors.js';
import type { Outcome } from './pipeline.js';
import type { Step } from './statement.js';

/** A larger burst is spread over several connections. */
const MAX_CALLERS = 16;
/** A batch is sent after this time even if an earlier one is still in flight: that one may be stuck. */
const MAX_WAIT_MS = 5;

interface Caller {
  readonly steps: readonly Step[];
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (reason: unknown) => void;
}

type Send = (steps: readonly Step[]) => Promise<readonly Outcome[]>;

/**
 * Collects the statements of several requests and sends them in one round trip, which costs more than most statements do. If no
 * batch is in flight, the statements of one event-loop turn are sent at once, so a lone request is not delayed. Otherwise they
 * are sent when the batch in flight returns: the busier the server, the larger the batches.
 */
export class StatementBatcher {
  #callers: Caller[] = [];
  #inFlight = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly send: Send) {}

  /** The outcomes of `steps`. Rejects like `send` if they would have failed alone. */
  enqueue(steps: readonly Step[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => {
      this.#callers.push({ steps, resolve, reject });
      if (this.#callers.length === MAX_CALLERS) this.#flush();
      else if (this.#callers.length === 1) this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#inFlight === 0) setImmediate(() => this.#flush());
    else this.#timer = setTimeout(() => this.#flush(), MAX_WAIT_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    const callers = this.#callers;
    this.#callers = [];
    if (callers.length > 0) void this.#sendFor(callers);
  }

  async #sendFor(callers: readonly Caller[]): Promise<void> {
    this.#inFlight += 1;
    const answers = await this.#answersFor(callers);
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#flush();
    answers.forEach((answer) => answer());
  }

  async #answersFor(callers: readonly Caller[]): Promise<(() => void)[]> {
    try {
      const outcomes = await this.send(callers.flatMap(({ steps }) => steps));
      let from = 0;
      return callers.map(({ steps, resolve }) => resolve.bind(undefined, outcomes.slice(from, (from += steps.length))));
    } catch (error) {
      // One failure has undone all of them, so each is sent again alone. If no answer came, the outcome is unknown and nothing is repeated.
      const isFinal = callers.length === 1 || error instanceof DatabaseUnavailable;
      return callers.map(({ steps, resolve, reject }) => (): void => {
        if (isFinal) reject(error);
        else this.send(steps).then(resolve, reject);
      });
    }
  }
}
