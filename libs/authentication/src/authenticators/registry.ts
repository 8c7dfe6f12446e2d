import type { Authenticator } from './authenticator.js';
import { UsernamePassword } from './username-password.js';

/** Every way to log in. */
export const AUTHENTICATORS = [UsernamePassword] as const;

/** The registered authenticators by their names. */
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
