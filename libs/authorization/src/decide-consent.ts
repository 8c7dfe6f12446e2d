import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import { type Alongside, CompleteAuthorization } from './complete-authorization.js';
import { ConsentDenied, ConsentGranted, DecideConsent, type NextStep } from './contracts.js';
import { Dispatcher } from './dispatcher.js';
import type { PendingRequest } from './pending-request.js';
import { PendingRequests } from './pending-requests.js';
import { Consents } from './persistence/consents.js';

/** What is stored of the user's answer. A consent also counts for later requests. */
@Injectable()
export class ConsentAnswers {
  constructor(
    private readonly consents: Consents,
    private readonly clock: Clock,
  ) {}

  allow({ request: { clientId, scope } }: PendingRequest, { sub }: Session): Alongside {
    return (transaction) => {
      this.consents.grant(transaction, { sub, clientId, scope, grantedAt: this.clock.now() });
      transaction.record(new ConsentGranted(clientId, { client_id: clientId, sub, scope: formatScope(scope) }));
    };
  }

  deny({ request: { clientId, scope } }: PendingRequest, { sub }: Session): Alongside {
    return (transaction) => {
      transaction.record(new ConsentDenied(clientId, { client_id: clientId, sub, scope: formatScope(scope) }));
    };
  }
}

/** Consent is asked for last, so its answer ends the request: with a code or with a refusal. */
@HandlesCommand(DecideConsent)
export class DecideConsentHandler {
  constructor(
    private readonly requests: PendingRequests,
    private readonly dispatcher: Dispatcher,
    private readonly completion: CompleteAuthorization,
    private readonly answers: ConsentAnswers,
  ) {}

  async execute({ handle, browser, answer }: DecideConsent): Promise<NextStep> {
    const pending = await this.requests.open(handle, browser);
    if (pending === undefined) return { step: 'gone' };
    const { session } = pending;
    // An answer to a question that was not asked (an old page, another user, nobody logged in) decides nothing.
    const wasAsked = this.dispatcher.decide(pending).next === 'consent' && session?.sid === answer.askedSid;
    if (!wasAsked || session === undefined) return this.dispatcher.proceed(pending, browser.id);
    if (answer.decision === 'allow') return this.completion.withCode(pending, session, this.answers.allow(pending, session));
    const denied = new OAuthError('access_denied', 'The user declined.');
    return this.completion.withError(pending, denied, this.answers.deny(pending, session));
  }
}
