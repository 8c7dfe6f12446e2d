import { HandlesCommand } from '#kernel/bus.js';
import { ContinueAuthorization, type NextStep } from './contracts.js';
import { Dispatcher } from './dispatcher.js';
import { PendingAuthorizations } from './pending-authorizations.js';

@HandlesCommand(ContinueAuthorization)
export class ContinueAuthorizationHandler {
  constructor(
    private readonly authorizations: PendingAuthorizations,
    private readonly dispatcher: Dispatcher,
  ) {}

  async execute({ handle, browser }: ContinueAuthorization): Promise<NextStep> {
    const pending = await this.authorizations.open(handle, browser.id, browser.session);
    return pending === undefined ? { step: 'gone' } : this.dispatcher.proceed(pending, browser);
  }
}
