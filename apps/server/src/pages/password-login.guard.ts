import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { LoginResult } from '#authentication/contracts.js';
import { BrowserSession } from '../http/browser-session.js';
import { callerAddress } from '../http/caller-address.js';
import { Metrics } from '../telemetry/metrics.js';
import { pageForm } from './page-form.js';
import { PasswordStrategy } from './password.strategy.js';

const results = new WeakMap<FastifyRequest, LoginResult>();

/** Lets every login form through to its page, together with the answer to it: a page shows a refusal, an exception could not. */
@Injectable()
export class PasswordLoginGuard implements CanActivate {
  constructor(
    private readonly strategy: PasswordStrategy,
    private readonly browsers: BrowserSession,
    private readonly metrics: Metrics,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const form = pageForm(request);
    const body = { username: form.get('username'), password: form.get('password') };
    const attempt = { body, address: callerAddress(request), previous: this.browsers.sessionSecret(request) };
    try {
      const result = await this.strategy.attempt(attempt);
      this.metrics.countLogin(result.outcome === 'session' ? 'success' : result.outcome);
      results.set(request, result);
    } catch (error) {
      this.metrics.countLogin('unavailable');
      throw error;
    }
    return true;
  }
}

/** What the guard found out about the login form of this request. */
export function loginResultOf(request: FastifyRequest): LoginResult {
  return results.get(request) ?? { outcome: 'refused' };
}
