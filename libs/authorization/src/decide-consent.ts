import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#kernel/database.js';
import { formatScope } from '#kernel/scope.js';
import { ConsentDenied, ConsentGranted, DecideConsent, type NextStep } from './contracts.js';
import { Dispatcher } from './dispatcher.js';
import type { Pending } from './pending.js';
import { PendingAuthorizations } from './pending-authorizations.js';
import { AuthorizationRequests, type Handle } from './persistence/authorization-requests.js';
import { Consents } from './persistence/consents.js';

type Answer = DecideConsent['decision'];

/** Writes the user's answer down: with the request for `nextStep`, and, where it is a yes, for the next time. */
@Injectable()
export class ConsentAnswers {
  constructor(
    private readonly database: Database,
    private readonly requests: AuthorizationRequests,
    private readonly consents: Consents,
    private readonly clock: Clock,
  ) {}

  /** False where the request got its answer in the meantime. */
  remember({ request }: Pending, handle: Handle, { sid, sub }: Session, answer: Answer): Promise<boolean> {
    const { clientId, scope } = request;
    const fact = { client_id: clientId, sub, scope: formatScope(scope) };
    return this.database.transaction(async (transaction) => {
      if (!(await this.requests.decide(transaction, handle, answer, sid))) return false;
      if (answer === 'deny') {
        transaction.record(new ConsentDenied(clientId, fact));
      } else {
        this.consents.grant(transaction, { sub, clientId, scope }, this.clock.now());
        transaction.record(new ConsentGranted(clientId, fact));
      }
      return true;
    });
  }
}

@HandlesCommand(DecideConsent)
export class DecideConsentHandler {
  constructor(
    private readonly authorizations: PendingAuthorizations,
    private readonly dispatcher: Dispatcher,
    private readonly answers: ConsentAnswers,
  ) {}

  async execute({ handle, browser, decision }: DecideConsent): Promise<NextStep> {
    const { session } = browser;
    const pending = await this.authorizations.open(handle, browser.id, session);
    if (pending?.handle === undefined) return { step: 'gone' };
    // An answer to a question that was not asked (a stale page, a logged out user) decides nothing.
    const asked = (await this.dispatcher.decide(pending, session)).next === 'consent';
    if (!asked || session === undefined) return this.dispatcher.proceed(pending, browser);
    const remembered = await this.answers.remember(pending, pending.handle, session, decision);
    return remembered ? this.dispatcher.proceed({ ...pending, decision }, browser) : { step: 'gone' };
  }
}
