import { Injectable } from '@nestjs/common';
import { Secret } from '#kernel/secrets.js';
import { usernameKey, usernameProblem } from '../domain/username.js';
import { PasswordHashing } from '../password-hashing.js';
import { Accounts } from '../persistence/accounts.js';
import type { Authenticator, Fields, Proof } from './authenticator.js';

/** How a session says that it began by a password. */
export const USERNAME_PASSWORD = {
  authenticator: 'username-password',
  acr: 'urn:gatehouse:authentication:html-form:username-password',
  amr: ['pwd'],
} as const;

const NOTHING = new Secret('');

@Injectable()
export class UsernamePassword implements Authenticator {
  readonly name = USERNAME_PASSWORD.authenticator;
  readonly acr = USERNAME_PASSWORD.acr;

  constructor(
    private readonly accounts: Accounts,
    private readonly hashing: PasswordHashing,
  ) {}

  claimant(fields: Fields): string {
    return usernameKey((fields['username'] ?? NOTHING).reveal());
  }

  async authenticate(fields: Fields): Promise<Proof> {
    const username = (fields['username'] ?? NOTHING).reveal();
    const password = fields['password'] ?? NOTHING;
    // A text that cannot be a username is not looked up, and takes as long as a wrong password.
    const isPossible = usernameProblem(username) === undefined;
    const account = isPossible ? await this.accounts.findCredentials(usernameKey(username)) : undefined;
    const phc = account?.passwordHash ?? null;
    const matches = await this.hashing.verify(phc, password);
    if (account === undefined || phc === null || !matches) return { outcome: 'refused', sub: account?.sub };
    if (!this.hashing.isOutdated(phc)) return this.#proved(account.sub, phc);
    const passwordHash = await this.hashing.hash(password);
    // If another login, or a new password, came first, what is stored now decides.
    if (!(await this.accounts.rehash(account.sub, phc, passwordHash))) return this.authenticate(fields);
    return this.#proved(account.sub, passwordHash);
  }

  #proved(sub: string, passwordHash: string): Proof {
    const stillHolds: Extract<Proof, { outcome: 'proved' }>['stillHolds'] = (on) => this.accounts.requirePassword(on, sub, passwordHash);
    return { outcome: 'proved', sub, amr: USERNAME_PASSWORD.amr, stillHolds };
  }
}
