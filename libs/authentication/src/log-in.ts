import { HandlesCommand } from '#kernel/bus.js';
import { Database } from '#database/database.js';
import { NoRowAffected } from '#kernel/errors.js';
import type { Proof } from './authenticators/authenticator.js';
import { Authenticators } from './authenticators/registry.js';
import { LogIn, LoginFailed, type LoginResult } from './contracts.js';
import { type Attempt, LoginThrottle } from './login-throttle.js';
import { StartSession } from './start-session.js';

@HandlesCommand(LogIn)
export class LogInHandler {
  constructor(
    private readonly database: Database,
    private readonly authenticators: Authenticators,
    private readonly loginThrottle: LoginThrottle,
    private readonly startSession: StartSession,
  ) {}

  async execute({ login }: LogIn): Promise<LoginResult> {
    const authenticator = this.authenticators.named(login.authenticator);
    if (authenticator === undefined) return { outcome: 'refused' };

    const admission = await this.loginThrottle.admitLogin(login.address, authenticator.claimant(login.fields));
    if ('retryAfter' in admission) return { outcome: 'slow-down', ...admission };

    const proof = await authenticator.authenticate(login.fields);
    const refuse = (reason: 'credentials' | 'locked'): Promise<LoginResult> =>
      this.#refuse(admission.attempt, proof, { authenticator: authenticator.name, reason });
    if (proof.outcome === 'refused') return refuse('credentials');

    const { sub, amr, stillHolds } = proof;
    const { name, acr } = authenticator;
    try {
      return await this.database.transaction(async (transaction): Promise<LoginResult> => {
        stillHolds(transaction);
        const method = { authenticator: name, acr, amr };
        const started = await this.startSession.in(transaction, { sub, method, previous: login.previous });
        this.loginThrottle.succeeded(transaction, admission.attempt);
        return { outcome: 'session', ...started };
      });
    } catch (error) {
      if (error instanceof NoRowAffected) return refuse('locked');
      throw error;
    }
  }

  /** One transaction with a write in it, whether the account exists or not: the time of the answer does not show which. */
  #refuse(attempt: Attempt, { sub }: Proof, why: { authenticator: string; reason: 'credentials' | 'locked' }): Promise<LoginResult> {
    return this.database.transaction((transaction) => {
      this.loginThrottle.failed(transaction, attempt);
      if (sub !== undefined) transaction.record(new LoginFailed(sub, { sub, ...why }));
      return { outcome: 'refused' };
    });
  }
}
