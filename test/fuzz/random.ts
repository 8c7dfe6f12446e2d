/** Random numbers from a seed, so a run can be repeated. */
export class Random {
  #state: number;

  constructor(...seeds: readonly number[]) {
    this.#state = seeds.reduce((mixed, seed) => scramble(mixed ^ seed), 0x9e37_79b9);
  }

  /** A number in [0, 1), by mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    return (scramble(this.#state) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `below - 1`. */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.int(items.length)] ?? items[0];
  }

  /** One of the items, or undefined if there are none. Draws once in either case, so later draws do not depend on their number. */
  among<T>(items: readonly T[]): T | undefined {
    return items[this.int(items.length)];
  }

  word(length: number): string {
    return Array.from({ length }, () => this.int(36).toString(36)).join('');
  }
}

/** Spreads the bits of a number over all 32. */
function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), value | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return mixed ^ (mixed >>> 14);
}
