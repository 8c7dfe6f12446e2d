import { HandlesCommand } from '#kernel/bus.js';
import { Database } from '#kernel/database.js';
import type { Proof } from './authenticators/authenticator.js';
import { Authenticators } from './authenticators/registry.js';
import { LogIn, LoginFailed, type LoginResult } from './contracts.js';
import { type Attempt, SlowDown } from './slow-down.js';
import { StartSession } from './start-session.js';

@HandlesCommand(LogIn)
export class LogInHandler {
  constructor(
    private readonly database: Database,
    private readonly authenticators: Authenticators,
    private readonly slowDown: SlowDown,
    private readonly startSession: StartSession,
  ) {}

  async execute({ login }: LogIn): Promise<LoginResult> {
    const authenticator = this.authenticators.named(login.authenticator);
    if (authenticator === undefined) return { outcome: 'refused' };

    const admission = await this.slowDown.admitLogin(login.address, authenticator.claimant(login.fields));
    if ('retryAfter' in admission) return { outcome: 'slow-down', ...admission };

    const proof = await authenticator.authenticate(login.fields);
    if (proof.outcome === 'refused') return this.#refuse(admission.attempt, proof, authenticator.name);

    return this.database.transaction(async (transaction) => {
      const { sub, passwordHash } = proof;
      const started = await this.startSession.in(transaction, { sub, passwordHash, by: authenticator, previous: login.previous });
      if (started === undefined) {
        transaction.record(new LoginFailed(sub, { sub, authenticator: authenticator.name, reason: 'locked' }));
        return { outcome: 'refused' };
      }
      this.slowDown.succeeded(transaction, admission.attempt);
      return { outcome: 'session', ...started };
    });
  }

  /** One transaction with a write in it, whether the account exists or not: the time of the answer does not tell. */
  #refuse(attempt: Attempt, { sub }: Proof, authenticator: string): Promise<LoginResult> {
    return this.database.transaction(async (transaction) => {
      this.slowDown.failed(transaction, attempt);
      if (sub !== undefined) transaction.record(new LoginFailed(sub, { sub, authenticator, reason: 'credentials' }));
      return { outcome: 'refused' };
    });
  }
}
