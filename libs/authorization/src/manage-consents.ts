import { Injectable } from '@nestjs/common';
import { AccountChanged } from '#authentication/contracts.js';
import { ClientRemoved } from '#client-registry/contracts.js';
import { Database } from '#database/database.js';
import { type Delivered, HandlesCommand, HandlesQuery, On } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { type ConsentOverview, ConsentWithdrawn, ListConsentsOf, WithdrawConsent } from './contracts.js';
import { AuthorizationCodes } from './persistence/authorization-codes.js';
import { Consents } from './persistence/consents.js';

@HandlesQuery(ListConsentsOf)
export class ListConsentsOfHandler {
  constructor(private readonly consents: Consents) {}

  async execute({ sub }: ListConsentsOf): Promise<readonly ConsentOverview[]> {
    return this.consents.list(sub);
  }
}

/** Ends the consent, and the codes that were issued by it and not redeemed. The event revokes the grants. */
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

/** Deletes the consents of a removed user or client: a new client with the old ID starts without consents. */
@Injectable()
export class DeleteConsents {
  constructor(private readonly consents: Consents) {}

  @On(ClientRemoved)
  async whenClientRemoved({ data }: Delivered<ClientRemoved>): Promise<void> {
    await this.consents.deleteAll({ clientId: data.client_id });
  }

  @On(AccountChanged)
  async whenAccountRemoved({ data }: Delivered<AccountChanged>): Promise<void> {
    if (data.change === 'removed') await this.consents.deleteAll({ sub: data.sub });
  }
}

/** Deletes unredeemed codes when the password changes: somebody who knew the old one may have obtained them. */
@Injectable()
export class DeleteCodes {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly database: Database,
  ) {}

  @On(AccountChanged)
  async whenPasswordChanged({ data, time }: Delivered<AccountChanged>): Promise<void> {
    if (data.change === 'password') await this.codes.deleteIssuedBefore(this.database, data.sub, time);
  }
}
