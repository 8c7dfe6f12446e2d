import { Injectable } from '@nestjs/common';
import type { Client } from '#client-registry/contracts.js';
import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { OAuthError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';
import { CompleteAuthorization } from './complete-authorization.js';
import { type Browser, ContinueAuthorization, type NextStep } from './contracts.js';
import type { AuthorizationRequest } from './domain/read-request.js';
import { type Decision, nextStep } from './domain/next-step.js';
import { type PendingRequest, StoreRequest } from './pending-request.js';
import { PendingRequests } from './pending-requests.js';

/** Every request begins here and returns here from each page: collects the facts, lets `nextStep` decide, and carries out the decision. */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly requests: PendingRequests,
    private readonly storeRequest: StoreRequest,
    private readonly completion: CompleteAuthorization,
    private readonly clock: Clock,
  ) {}

  async begin(request: AuthorizationRequest, client: Client, browser: Browser): Promise<NextStep> {
    return this.proceed(await this.requests.begin(request, client, browser), browser.id);
  }

  async proceed(pending: PendingRequest, browserId: Secret): Promise<NextStep> {
    const decision = this.decide(pending);
    switch (decision.next) {
      case 'issue':
        return this.completion.withCode(pending, decision.session);
      case 'refuse':
        return this.completion.withError(pending, new OAuthError(decision.error, decision.description));
      default: {
        const handle = pending.stored?.handle ?? (await this.storeRequest.store(pending, browserId));
        return { step: decision.next, handle: handle.secret.secret };
      }
    }
  }

  /** The decision alone, without its consequences. */
  decide(pending: PendingRequest): Decision {
    return nextStep({ ...pending, begunAt: pending.stored?.at, now: this.clock.now() });
  }
}

@HandlesCommand(ContinueAuthorization)
export class ContinueAuthorizationHandler {
  constructor(
    private readonly requests: PendingRequests,
    private readonly dispatcher: Dispatcher,
  ) {}

  async execute({ handle, browser }: ContinueAuthorization): Promise<NextStep> {
    const pending = await this.requests.open(handle, browser);
    return pending === undefined ? { step: 'gone' } : this.dispatcher.proceed(pending, browser.id);
  }
}
