import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { Clock } from '#kernel/clock.js';
import { OAuthError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';
import { CompleteAuthorization } from './complete-authorization.js';
import type { Browser, NextStep } from './contracts.js';
import type { AuthorizationRequest } from './domain/authorization-request.js';
import { type Decision, nextStep } from './domain/next-step.js';
import type { Pending } from './pending.js';
import { type Opened, PendingAuthorizations } from './pending-requests.js';
import { StoreRequest } from './store-request.js';

/** Where a request begins, and returns to from each page: gathers the facts, lets `nextStep` decide, and has the decision carried out. */
@Injectable()
export class Dispatcher {
  constructor(
    private readonly authorizations: PendingAuthorizations,
    private readonly storeRequest: StoreRequest,
    private readonly completion: CompleteAuthorization,
    private readonly clock: Clock,
  ) {}

  async begin(request: AuthorizationRequest, client: Client, browser: Browser): Promise<NextStep> {
    return this.proceed(await this.authorizations.begin(request, client, browser), browser.id);
  }

  async proceed({ pending, session }: Opened, browserId: Secret): Promise<NextStep> {
    const decision = this.decide(pending, session);
    switch (decision.next) {
      case 'issue':
        return this.completion.withCode(pending, decision.session);
      case 'refuse':
        return this.completion.withError(pending, new OAuthError(decision.error, decision.description), session);
      default: {
        const handle = pending.handle ?? (await this.storeRequest.store(pending, session, browserId));
        return { step: decision.next, handle: handle.secret.secret };
      }
    }
  }

  /** The decision alone, without its consequences. */
  decide(pending: Pending, session: Session | undefined): Decision {
    return nextStep({ ...pending, session, now: this.clock.now() });
  }
}
