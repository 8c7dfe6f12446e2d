import { HandlesCommand } from '#kernel/bus.js';
import { ContinueAuthorization, type NextStep } from './contracts.js';
import { Dispatcher } from './dispatcher.js';
import { PendingAuthorizations } from './pending-requests.js';

@HandlesCommand(ContinueAuthorization)
export class ContinueAuthorizationHandler {
  constructor(
    private readonly authorizations: PendingAuthorizations,
    private readonly dispatcher: Dispatcher,
  ) {}

  async execute({ handle, browser }: ContinueAuthorization): Promise<NextStep> {
    const opened = await this.authorizations.open(handle, browser);
    return opened === undefined ? { step: 'gone' } : this.dispatcher.proceed(opened, browser.id);
  }
}
