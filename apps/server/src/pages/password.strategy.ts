import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { LogIn, type LoginResult } from '#authentication/contracts.js';
import { CommandBus } from '#kernel/bus.js';
import { Secret } from '#kernel/secrets.js';

/** What Passport is shown of a request: the form alone, so that credentials in a query string are not credentials. */
export interface LoginAttempt {
  readonly body: { readonly username: string | undefined; readonly password: string | undefined };
  readonly address: string;
  readonly previous: Secret | undefined;
}

type Passport = InstanceType<typeof passport.Passport>;
type Middleware = (request: LoginAttempt, response: undefined, next: (error: Error) => void) => void;

const REFUSED: LoginResult = { outcome: 'refused' };

/** Passport's local strategy: username and password, judged by the authentication module. */
@Injectable()
export class PasswordStrategy extends PassportStrategy(Strategy) {
  // Asked for by the constructor of the superclass, before any field of this class would have its value.
  declare private ownPassport: Passport | undefined;

  constructor(private readonly commands: CommandBus) {
    super({ passReqToCallback: true, session: false });
  }

  /** The global instance knows one strategy of a name: of two servers in a process, the later would answer for both. */
  getPassportInstance(): Passport {
    this.ownPassport ??= new passport.Passport();
    return this.ownPassport;
  }

  /** Called by Passport. */
  validate(attempt: LoginAttempt, username: string, password: string): Promise<LoginResult> {
    const fields = { username: new Secret(username), password: new Secret(password) };
    const { address, previous } = attempt;
    return this.commands.execute(new LogIn({ authenticator: 'username-password', fields, address, previous }));
  }

  /** Without a username or a password the answer is a refusal, and nothing is looked up. */
  attempt(attempt: LoginAttempt): Promise<LoginResult> {
    return new Promise((resolve, reject) => {
      const answer = (error: unknown, result: LoginResult | false): void => {
        if (error instanceof Error) reject(error);
        else resolve(result || REFUSED);
      };
      const middleware = this.getPassportInstance().authenticate(this.name, { session: false }, answer) as Middleware;
      middleware(attempt, undefined, reject);
    });
  }
}
