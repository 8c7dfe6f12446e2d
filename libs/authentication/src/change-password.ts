import { Injectable } from '@nestjs/common';
import { HandlesCommand } from '#kernel/bus.js';
import type { Transaction } from '#database/transaction.js';
import { Database } from '#database/database.js';
import { Secret } from '#kernel/secrets.js';
import { ApplyChange } from './apply-change.js';
import { USERNAME_PASSWORD, UsernamePassword } from './authenticators/username-password.js';
import { type Account, ChangePassword, LoginFailed, type PasswordChanged } from './contracts.js';
import { passwordProblem } from './domain/password.js';
import { PasswordHashing } from './password-hashing.js';
import { Accounts } from './persistence/accounts.js';
import { type Attempt, LoginThrottle } from './login-throttle.js';
import { StartSession } from './start-session.js';

type Change = ChangePassword['change'];
type Proved = { readonly attempt: Attempt } | Exclude<PasswordChanged, { outcome: 'session' }>;

/** Has the user of a session prove the password again, counted as an attempt to log in. */
@Injectable()
export class ProvePassword {
  constructor(
    private readonly database: Database,
    private readonly loginThrottle: LoginThrottle,
    private readonly authenticator: UsernamePassword,
  ) {}

  /** The attempt, to be settled in the transaction that makes use of the proof. */
  async of({ sub, username }: Account, { current, address }: Change): Promise<Proved> {
    const fields = { username: new Secret(username), password: current };
    const admission = await this.loginThrottle.admitLogin(address, this.authenticator.claimant(fields));
    if ('retryAfter' in admission) return { outcome: 'slow-down', ...admission };
    const proof = await this.authenticator.authenticate(fields);
    if (proof.outcome === 'proved' && proof.sub === sub) return admission;
    await this.database.transaction(async (transaction) => {
      this.loginThrottle.failed(transaction, admission.attempt);
      transaction.record(new LoginFailed(sub, { sub, authenticator: USERNAME_PASSWORD.authenticator, reason: 'credentials' }));
    });
    return { outcome: 'refused' };
  }
}

/** Puts a new password in the place of the old one, and begins the one session that outlives the change. */
@Injectable()
export class ReplacePassword {
  constructor(
    private readonly applyChange: ApplyChange,
    private readonly startSession: StartSession,
    private readonly loginThrottle: LoginThrottle,
    private readonly hashing: PasswordHashing,
  ) {}

  hash(password: Secret): Promise<string> {
    return this.hashing.hash(password);
  }

  async in(transaction: Transaction, before: Account, { passwordHash, attempt }: NewPassword): Promise<PasswordChanged> {
    const { sub, profile, locked } = before;
    const account = await this.applyChange.in(transaction, before, { profile, locked, passwordHash });
    if (account === undefined) return { outcome: 'stale' };
    this.loginThrottle.succeeded(transaction, attempt);
    const started = await this.startSession.in(transaction, { sub, method: USERNAME_PASSWORD, previous: undefined });
    return { outcome: 'session', ...started };
  }
}

interface NewPassword {
  readonly passwordHash: string;
  readonly attempt: Attempt;
}

@HandlesCommand(ChangePassword)
export class ChangePasswordHandler {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly prove: ProvePassword,
    private readonly replace: ReplacePassword,
  ) {}

  async execute({ change }: ChangePassword): Promise<PasswordChanged> {
    const before = await this.accounts.find(change.sub);
    if (before === undefined || before.locked) return { outcome: 'refused' };
    const problem = passwordProblem(change.next.reveal(), before.username);
    if (problem !== undefined) return { outcome: 'invalid', errors: [{ pointer: '/password', ...problem }] };

    const proved = await this.prove.of(before, change);
    if ('outcome' in proved) return proved;
    const passwordHash = await this.replace.hash(change.next);
    return this.database.transaction((transaction) => this.replace.in(transaction, before, { passwordHash, ...proved }));
  }
}
