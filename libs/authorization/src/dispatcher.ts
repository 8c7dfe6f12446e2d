import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { Clock } from '#kernel/clock.js';
import { OAuthError } from '#kernel/errors.js';
import { CompleteAuthorization } from './complete-authorization.js';
import type { Browser, NextStep } from './contracts.js';
import type { AuthorizationRequest } from './domain/authorization-request.js';
import { asksForConsent, type Decision, nextStep } from './domain/next-step.js';
import type { Pending } from './pending.js';
import { Consents } from './persistence/consents.js';
import { StoreRequest } from './store-request.js';

/** Where a request begins, and returns to from each page: gathers the facts, lets `nextStep` decide, and has the decision carried out. */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly consents: Consents,
    private readonly storeRequest: StoreRequest,
    private readonly completion: CompleteAuthorization,
    private readonly clock: Clock,
  ) {}

  async begin(request: AuthorizationRequest, client: Client, browser: Browser): Promise<NextStep> {
    const { session } = browser;
    const asked = session !== undefined && asksForConsent(request, client);
    const consented = asked ? await this.consents.find(session.sub, client.client_id) : undefined;
    return this.proceed({ request, client, begunAt: undefined, initialSid: session?.sid, consented, handle: undefined }, browser);
  }

  async proceed(pending: Pending, browser: Browser): Promise<NextStep> {
    const decision = this.decide(pending, browser.session);
    switch (decision.next) {
      case 'issue':
        return this.completion.withCode(pending, decision.session);
      case 'refuse':
        return this.completion.withError(pending, new OAuthError(decision.error, decision.description), browser.session);
      default: {
        const handle = pending.handle ?? (await this.storeRequest.store(pending, browser));
        return { step: decision.next, handle: handle.secret.secret };
      }
    }
  }

  /** The decision alone, without its consequences. */
  decide(pending: Pending, session: Session | undefined): Decision {
    return nextStep({ ...pending, session, now: this.clock.now() });
  }
}
