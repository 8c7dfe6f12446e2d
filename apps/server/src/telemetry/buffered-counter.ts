import { Counter, type Registry } from 'prom-client';

interface Description {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/**
 * A counter that adds up by itself, and hands over when somebody reads: prom-client's own checks and hashes the labels at each
 * addition, which would be a part of every request.
 */
export class BufferedCounter {
  readonly #added = new Map<string, { readonly values: readonly string[]; sum: number }>();

  constructor(registry: Registry, { name, help, labelNames }: Description) {
    const counter: Counter = new Counter({
      ...{ name, help, labelNames, registers: [registry] },
      collect: () => {
        for (const { values, sum } of this.#added.values()) counter.labels(...values).inc(sum);
        this.#added.clear();
      },
    });
  }

  /** `values` are those of the labels, in their order. */
  add(values: readonly string[], by = 1): void {
    const key = values.join('\n');
    const added = this.#added.get(key);
    if (added === undefined) this.#added.set(key, { values, sum: by });
    else added.sum += by;
  }
}
