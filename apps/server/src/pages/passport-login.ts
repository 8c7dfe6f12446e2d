import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import { LogIn, type LoginResult } from '#authentication/contracts.js';
import { CommandBus } from '#kernel/bus.js';
import { BrowserSession } from '../http/browser-session.js';
import { callerAddress } from '../http/caller-address.js';
import type { Form } from '../http/form.js';
import { Metrics } from '../telemetry/metrics.js';
import type { Done, LoginForm } from './authenticators/authenticator-page.js';
import { AuthenticatorPages } from './authenticators/registry.js';

type Middleware = (form: LoginForm, response: undefined, next: (error: unknown) => void) => void;

const REFUSED: LoginResult = { outcome: 'refused' };

/** Runs the login form of any authenticator through its strategy of Passport. */
@Injectable()
export class PassportLogin {
  // The global instance has one strategy for each name, so two servers in a process would share the later one.
  readonly #passport = new passport.Passport();

  constructor(
    private readonly commands: CommandBus,
    private readonly metrics: Metrics,
    private readonly browsers: BrowserSession,
    pages: AuthenticatorPages,
  ) {
    for (const page of pages.all) {
      const { authenticator } = page;
      const verify = ({ address, previous }: LoginForm, fields: LogIn['login']['fields'], done: Done): void => {
        this.commands.execute(new LogIn({ authenticator, fields, address, previous })).then((result) => done(null, result), done);
      };
      this.#passport.use(authenticator, page.strategy(verify));
    }
  }

  /** Counted by its result. The login page shows a refusal. Rejects if the login could not be checked. */
  async attempt(authenticator: string, form: Form, request: FastifyRequest): Promise<LoginResult> {
    const attempt = {
      body: Object.fromEntries(form.values()),
      address: callerAddress(request),
      previous: this.browsers.sessionSecret(request),
    };
    try {
      const result = await this.#authenticate(authenticator, attempt);
      this.metrics.countLogin(result.outcome === 'session' ? 'success' : result.outcome);
      return result;
    } catch (error) {
      this.metrics.countLogin('unavailable');
      throw error;
    }
  }

  #authenticate(authenticator: string, form: LoginForm): Promise<LoginResult> {
    return new Promise((resolve, reject) => {
      const answer = (error: unknown, result: LoginResult | false): void => {
        if (error instanceof Error) reject(error);
        else resolve(result || REFUSED);
      };
      const middleware = this.#passport.authenticate(authenticator, { session: false }, answer) as Middleware;
      middleware(form, undefined, reject);
    });
  }
}
