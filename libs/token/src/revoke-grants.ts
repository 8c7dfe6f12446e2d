import { Injectable } from '@nestjs/common';
import { AccountChanged, AccountLocked } from '#authentication/contracts.js';
import { ConsentWithdrawn } from '#authorization/contracts.js';
import { ClientRemoved } from '#client-registry/contracts.js';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { Database } from '#database/database.js';
import { type Delivered, On } from '#kernel/bus.js';
import { GrantRevoked } from './contracts.js';
import { type GrantOwner, Grants, type RevokedGrant } from './persistence/grants.js';

type Reason = GrantRevoked['data']['reason'];

/** Ends grants, and with each of them every token of it. */
@Injectable()
export class RevokeGrants {
  constructor(
    private readonly grants: Grants,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Ends one grant in the caller's transaction: true for one caller. A grant that has ended already is left as it is. */
  async revoke(transaction: Transaction, grantId: string, reason: Reason, now: Date): Promise<boolean> {
    const revoked = await this.grants.revoke(transaction, grantId, now);
    if (revoked !== undefined) record(transaction, revoked, reason);
    return revoked !== undefined;
  }

  @On(ClientRemoved)
  async whenClientRemoved({ data, time }: Delivered<ClientRemoved>): Promise<void> {
    await this.revokeAll({ clientId: data.client_id }, 'client-removed', time);
  }

  @On(ConsentWithdrawn)
  async whenConsentWithdrawn({ data, time }: Delivered<ConsentWithdrawn>): Promise<void> {
    await this.revokeAll({ sub: data.sub, clientId: data.client_id }, 'consent-withdrawn', time);
  }

  @On(AccountLocked)
  async whenAccountLocked({ data, time }: Delivered<AccountLocked>): Promise<void> {
    await this.revokeAll({ sub: data.sub }, 'account-locked', time);
  }

  @On(AccountChanged)
  async whenAccountChanged({ data, time }: Delivered<AccountChanged>): Promise<void> {
    if (data.change === 'removed') await this.revokeAll({ sub: data.sub }, 'account-removed', time);
    // Whoever knew the old password may have granted things to a client of their own.
    if (data.change === 'password') await this.revokeAll({ sub: data.sub }, 'password-changed', time);
  }

  private revokeAll(owner: GrantOwner, reason: Reason, until: Date): Promise<void> {
    return this.database.transaction(async (transaction) => {
      const revoked = await this.grants.revokeAll(transaction, owner, { until, now: this.clock.now() });
      for (const grant of revoked) record(transaction, grant, reason);
    });
  }
}

function record(transaction: Transaction, { id, clientId: client_id, sub }: RevokedGrant, reason: Reason): void {
  transaction.record(new GrantRevoked(id, { grant_id: id, client_id, sub, reason }));
}
