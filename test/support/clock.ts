import { Clock } from '#kernel/clock.js';

/** Begins at the real time and goes on with it; tests move it ahead. */
export class TestClock extends Clock {
  #ahead = 0;
  #stoppedAt: number | undefined;

  now(): Date {
    return new Date((this.#stoppedAt ?? Date.now()) + this.#ahead);
  }

  /** From now on it goes only where it is moved. */
  stop(): void {
    this.#stoppedAt = Date.now();
  }

  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
  }
}
