import { HandlesCommand } from '#kernel/bus.js';
import { Database } from '#database/database.js';
import type { FieldError } from '#kernel/errors.js';
import { USERNAME_PASSWORD } from './authenticators/username-password.js';
import { SignUp, type SignUpResult } from './contracts.js';
import { readNewAccount } from './domain/account-document.js';
import { isReserved } from './domain/username.js';
import { OpenAccount } from './open-account.js';
import { LoginThrottle } from './login-throttle.js';
import { StartSession } from './start-session.js';

/** One answer for a name that is taken, that was taken once, and that is reserved. */
const UNAVAILABLE: FieldError = {
  pointer: '/username',
  rule: 'unavailable',
  detail: 'cannot be used; choose another or sign in',
};

@HandlesCommand(SignUp)
export class SignUpHandler {
  constructor(
    private readonly database: Database,
    private readonly loginThrottle: LoginThrottle,
    private readonly openAccount: OpenAccount,
    private readonly startSession: StartSession,
  ) {}

  async execute({ signUp }: SignUp): Promise<SignUpResult> {
    const account = readForm(signUp);
    if ('errors' in account) return account;

    const retryAfter = await this.loginThrottle.admitSignUp(signUp.address);
    if (retryAfter !== undefined) return { outcome: 'slow-down', retryAfter };

    const passwordHash = await this.openAccount.hash(account);
    if (isReserved(account.username)) return { outcome: 'invalid', errors: [UNAVAILABLE] };

    return this.database.transaction(async (transaction) => {
      const opened = await this.openAccount.in(transaction, { account, passwordHash, by: 'sign-up' });
      if (opened === undefined) return { outcome: 'invalid', errors: [UNAVAILABLE] };
      const { sub } = opened;
      const started = await this.startSession.in(transaction, { sub, method: USERNAME_PASSWORD, previous: signUp.previous });
      return { outcome: 'session', ...started };
    });
  }
}

function readForm({ username, password, name, email }: SignUp['signUp']): ReturnType<typeof readNewAccount> {
  // Clients that find accounts by address must not take somebody's word for it.
  const claims = { ...(name !== undefined && { name }), ...(email !== undefined && { email, email_verified: false }) };
  return readNewAccount({ username, password: password.reveal(), ...claims });
}
