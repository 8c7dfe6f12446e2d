import { Clock } from '#kernel/clock.js';

/** Begins at the real time and goes on with it; tests move it ahead. */
export class TestClock extends Clock {
  #ahead = 0;

  now(): Date {
    return new Date(Date.now() + this.#ahead);
  }

  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
  }
}
