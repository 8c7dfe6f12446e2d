import { Clock } from '#kernel/clock.js';

/** Runs with the real time; a test can advance or stop it. */
export class TestClock extends Clock {
  #ahead = 0;
  #stoppedAt: number | undefined;

  now(): Date {
    return new Date((this.#stoppedAt ?? Date.now()) + this.#ahead);
  }

  /** After this, only `advance` changes the time. */
  stop(): void {
    this.#stoppedAt = Date.now();
  }

  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
  }
}
