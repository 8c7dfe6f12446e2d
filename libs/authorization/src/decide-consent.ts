import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import { type Alongside, CompleteAuthorization } from './complete-authorization.js';
import { ConsentDenied, ConsentGranted, DecideConsent, type NextStep } from './contracts.js';
import { Dispatcher } from './dispatcher.js';
import type { Pending } from './pending.js';
import { PendingAuthorizations } from './pending-requests.js';
import { Consents } from './persistence/consents.js';

/** The user's answer as it is written down: a yes also for the next time. */
@Injectable()
export class ConsentAnswers {
  constructor(
    private readonly consents: Consents,
    private readonly clock: Clock,
  ) {}

  allow({ request: { clientId, scope } }: Pending, { sub }: Session): Alongside {
    return (transaction) => {
      this.consents.grant(transaction, { sub, clientId, scope }, this.clock.now());
      transaction.record(new ConsentGranted(clientId, { client_id: clientId, sub, scope: formatScope(scope) }));
    };
  }

  deny({ request: { clientId, scope } }: Pending, { sub }: Session): Alongside {
    return (transaction) => {
      transaction.record(new ConsentDenied(clientId, { client_id: clientId, sub, scope: formatScope(scope) }));
    };
  }
}

/** The answer to the question of the consent page was the last thing that was missing: it ends the request. */
@HandlesCommand(DecideConsent)
export class DecideConsentHandler {
  constructor(
    private readonly authorizations: PendingAuthorizations,
    private readonly dispatcher: Dispatcher,
    private readonly completion: CompleteAuthorization,
    private readonly answers: ConsentAnswers,
  ) {}

  async execute({ handle, browser, answer }: DecideConsent): Promise<NextStep> {
    const opened = await this.authorizations.open(handle, browser);
    if (opened === undefined) return { step: 'gone' };
    const { pending, session } = opened;
    // An answer to a question that was not asked (a stale page, another user, a logged out one) decides nothing.
    const asked = this.dispatcher.decide(pending, session).next === 'consent' && session?.sid === answer.askedSid;
    if (!asked || session === undefined) return this.dispatcher.proceed(opened, browser.id);
    if (answer.decision === 'allow') return this.completion.withCode(pending, session, this.answers.allow(pending, session));
    const denied = new OAuthError('access_denied', 'The user declined.');
    return this.completion.withError(pending, denied, session, this.answers.deny(pending, session));
  }
}
