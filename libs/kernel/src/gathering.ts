import type { Outcome } from './batch.js';
import { DatabaseUnavailable } from './errors.js';
import type { Step } from './statement.js';

/** So many at most, so that a burst is spread over several connections. */
const MOST_PARTIES = 16;
/** Nobody waits longer for the return of those before: they may be stuck. */
const PATIENCE_MS = 5;

interface Party {
  readonly steps: readonly Step[];
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (reason: unknown) => void;
}

type Send = (steps: readonly Step[]) => Promise<readonly Outcome[]>;

/**
 * Gathers what several requests send to Postgres, and sends it as one: a round trip costs more than what most statements do.
 * While none is under way, what comes leaves with the turn of the event loop in which it came, so that a request alone waits for
 * nobody. What comes meanwhile leaves when it returns: the busier the server, the more travel together.
 */
export class Gathering {
  #parties: Party[] = [];
  #underWay = 0;
  #patience: NodeJS.Timeout | undefined;

  constructor(private readonly send: Send) {}

  /** What `steps` led to. Rejects like `send` where they would have failed alone. */
  join(steps: readonly Step[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => {
      this.#parties.push({ steps, resolve, reject });
      if (this.#parties.length === MOST_PARTIES) this.#leave();
      else if (this.#parties.length === 1) this.#prepare();
    });
  }

  #prepare(): void {
    if (this.#underWay === 0) setImmediate(() => this.#leave());
    else this.#patience = setTimeout(() => this.#leave(), PATIENCE_MS);
  }

  #leave(): void {
    clearTimeout(this.#patience);
    const parties = this.#parties;
    this.#parties = [];
    if (parties.length > 0) void this.#travel(parties);
  }

  async #travel(parties: readonly Party[]): Promise<void> {
    this.#underWay += 1;
    const told = await this.#tell(parties);
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#leave();
    told.forEach((tell) => tell());
  }

  async #tell(parties: readonly Party[]): Promise<(() => void)[]> {
    try {
      const outcomes = await this.send(parties.flatMap(({ steps }) => steps));
      let from = 0;
      return parties.map(({ steps, resolve }) => resolve.bind(undefined, outcomes.slice(from, (from += steps.length))));
    } catch (error) {
      // The failure of one has undone the others. Without an answer it is unknown what has happened: then nothing is done twice.
      const isFinal = parties.length === 1 || error instanceof DatabaseUnavailable;
      return parties.map(({ steps, resolve, reject }) => (): void => {
        if (isFinal) reject(error);
        else this.send(steps).then(resolve, reject);
      });
    }
  }
}
