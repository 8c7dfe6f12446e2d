import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { LoginResult } from '#authentication/contracts.js';
import { BrowserSession } from '../http/browser-session.js';
import { callerAddress } from '../http/caller-address.js';
import { Metrics } from '../telemetry/metrics.js';
import { pageForm } from './page-form.js';
import { PasswordStrategy } from './password.strategy.js';

const results = new WeakMap<FastifyRequest, LoginResult>();

/** Runs the login and keeps its result for the controller. It lets every form pass, since the login page shows a refusal itself. */
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

/** The result of the login that the guard ran for this request. */
export function loginResultOf(request: FastifyRequest): LoginResult {
  return results.get(request) ?? { outcome: 'refused' };
}
