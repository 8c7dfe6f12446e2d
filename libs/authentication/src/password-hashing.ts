import { availableParallelism } from 'node:os';
import { hash, type Options, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';
import { randomSecret, type Secret } from '#kernel/secrets.js';
import { AuthenticationBusy } from './contracts.js';
import { type Argon2Cost, argon2Cost, isHashable, normalisePassword } from './domain/password.js';

/** The OWASP Password Storage Cheat Sheet's first choice for argon2id: 19 MiB, two passes, one lane. */
const COST: Argon2Cost = { m: 19 * 1024, t: 2, p: 1 };
/** The algorithm is argon2id where none is named. */
const OPTIONS: Options = { memoryCost: COST.m, timeCost: COST.t, parallelism: COST.p };

/** About a second of work for each core; who would wait longer is better told to come back. */
const QUEUE_PER_CORE = 128;

/**
 * Hashes passwords, off the main thread and no more at once than there are cores: each takes 19 MiB and 7 ms of a core, and
 * what else uses the thread pool must not wait behind a hundred of them. Throws `AuthenticationBusy` where the queue is full.
 */
@Injectable()
export class PasswordHashing {
  readonly #slots = availableParallelism();
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #dummy: Promise<string> | undefined;

  async hash(password: Secret): Promise<string> {
    return this.#inTurn(() => hash(normalisePassword(password.reveal()), OPTIONS));
  }

  /** Whether `password` is the one behind `phc`. Without a `phc` the answer is no, after the time of a real look. */
  async verify(phc: string | null, password: Secret): Promise<boolean> {
    const known = phc ?? (await this.#dummyHash());
    const text = normalisePassword(password.reveal());
    const matches = await this.#inTurn(() => verify(known, isHashable(text) ? text : ''));
    return phc !== null && isHashable(text) && matches;
  }

  /** Whether `phc` was made with another cost than today's. */
  isOutdated(phc: string): boolean {
    const cost = argon2Cost(phc);
    return cost?.m !== COST.m || cost.t !== COST.t || cost.p !== COST.p;
  }

  #dummyHash(): Promise<string> {
    this.#dummy ??= hash(randomSecret().reveal(), OPTIONS).catch((error: unknown) => {
      this.#dummy = undefined;
      throw error;
    });
    return this.#dummy;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#slots) this.#running += 1;
    else await this.#wait();
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#running -= 1;
      else next(); // The slot goes on to the next in the queue without ever being free.
    }
  }

  #wait(): Promise<void> {
    if (this.#queue.length >= QUEUE_PER_CORE * this.#slots) {
      return Promise.reject(new AuthenticationBusy('too many passwords wait to be checked'));
    }
    return new Promise((resolve) => void this.#queue.push(resolve));
  }
}

