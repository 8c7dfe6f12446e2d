import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy } from 'passport-local';
import { LogIn, type LoginResult } from '#authentication/contracts.js';
import { CommandBus } from '#kernel/bus.js';
import { Secret } from '#kernel/secrets.js';

/** The part of a request that Passport gets: only the form, so it ignores credentials in a query string. */
export interface LoginAttempt {
  readonly body: { readonly username: string | undefined; readonly password: string | undefined };
  readonly address: string;
  readonly previous: Secret | undefined;
}

type Passport = InstanceType<typeof passport.Passport>;
type Middleware = (request: LoginAttempt, response: undefined, next: (error: Error) => void) => void;

const REFUSED: LoginResult = { outcome: 'refused' };

/** Passport's local strategy. The authentication module checks username and password. */
@Injectable()
export class PasswordStrategy extends PassportStrategy(Strategy) {
  // The constructor of the superclass reads it before fields of this class are initialized.
  declare private ownPassport: Passport | undefined;

  constructor(private readonly commands: CommandBus) {
    super({ passReqToCallback: true, session: false });
  }

  /** The global instance has one strategy for each name, so two servers in a process would share the later one. */
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

  /** Without a username or a password, Passport refuses and `validate` is not called. */
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
