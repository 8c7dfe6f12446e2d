import { Injectable, type Type } from '@nestjs/common';
import type { Authenticator } from './authenticator.js';
import { UsernamePassword } from './username-password.js';

/** Every authenticator. A new one is its file and its line here, and its page in apps/server. */
export const AUTHENTICATORS: readonly Type<Authenticator>[] = [UsernamePassword];

/** The registered authenticators by their names. */
@Injectable()
export class Authenticators {
  readonly #byName: ReadonlyMap<string, Authenticator>;

  constructor(authenticators: readonly Authenticator[]) {
    this.#byName = new Map(authenticators.map((authenticator) => [authenticator.name, authenticator]));
  }

  named(name: string): Authenticator | undefined {
    return this.#byName.get(name);
  }

  all(): readonly Authenticator[] {
    return [...this.#byName.values()];
  }
}
