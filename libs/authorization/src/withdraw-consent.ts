import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { ConsentWithdrawn, WithdrawConsent } from './contracts.js';
import { AuthorizationCodes } from './persistence/authorization-codes.js';
import { Consents } from './persistence/consents.js';

/** Ends the consent and the codes that are on their way by it; the grants in use end by the event. */
@HandlesCommand(WithdrawConsent)
export class WithdrawConsentHandler {
  constructor(
    private readonly database: Database,
    private readonly consents: Consents,
    private readonly codes: AuthorizationCodes,
    private readonly clock: Clock,
  ) {}

  execute({ sub, clientId }: WithdrawConsent): Promise<boolean> {
    return this.database.transaction(async (transaction) => {
      if (!(await this.consents.withdraw(transaction, sub, clientId))) return false;
      this.codes.deleteUnredeemed(transaction, sub, clientId, this.clock.now());
      transaction.record(new ConsentWithdrawn(clientId, { client_id: clientId, sub }));
      return true;
    });
  }
}
