import { Injectable } from '@nestjs/common';
import { Secret } from '#kernel/secrets.js';
import { usernameKey, usernameProblem } from '../domain/username.js';
import { PasswordHashing } from '../password-hashing.js';
import { Accounts } from '../persistence/accounts.js';
import type { Authenticator, Fields, Method, Proof } from './authenticator.js';

export const USERNAME_PASSWORD: Method = {
  name: 'username-password',
  acr: 'urn:gatehouse:authentication:html-form:username-password',
  amr: ['pwd'],
};

const NOTHING = new Secret('');

@Injectable()
export class UsernamePassword implements Authenticator {
  readonly name = USERNAME_PASSWORD.name;
  readonly acr = USERNAME_PASSWORD.acr;
  readonly amr = USERNAME_PASSWORD.amr;
  readonly fields = ['username', 'password'];

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
    const possible = usernameProblem(username) === undefined;
    const account = possible ? await this.accounts.findCredentials(usernameKey(username)) : undefined;
    const phc = account?.passwordHash ?? null;
    const matches = await this.hashing.verify(phc, password);
    if (account === undefined || phc === null || !matches) return { outcome: 'refused', sub: account?.sub };
    if (!this.hashing.isOutdated(phc)) return { outcome: 'proved', sub: account.sub, passwordHash: phc };
    const passwordHash = await this.hashing.hash(password);
    // Another login or a new password was faster, so the password is checked against what is stored now.
    if (!(await this.accounts.rehash(account.sub, phc, passwordHash))) return this.authenticate(fields);
    return { outcome: 'proved', sub: account.sub, passwordHash };
  }
}
