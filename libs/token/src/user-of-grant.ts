import { Injectable } from '@nestjs/common';
import { type Account, GetAccount } from '#authentication/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import type { Transaction } from '#kernel/database.js';
import { OAuthError } from '#kernel/errors.js';
import type { Grant } from './persistence/grants.js';
import { RevokeGrants } from './revoke-grants.js';

/**
 * The user behind a grant, who may have gone since the code was issued. Word of that ends the grants that stand; one that was
 * in the making then, or is refreshed before the word comes, ends here.
 */
@Injectable()
export class UserOfGrant {
  constructor(
    private readonly queries: QueryBus,
    private readonly revocation: RevokeGrants,
  ) {}

  async find(grant: Grant, transaction: Transaction, now: Date): Promise<Account | OAuthError> {
    const account = await this.queries.execute(new GetAccount(grant.sub, transaction));
    if (account !== undefined && !account.locked) return account;
    await this.revocation.revoke(transaction, grant.id, account === undefined ? 'account-removed' : 'account-locked', now);
    return new OAuthError('invalid_grant', 'The user who granted it may no longer log in; the grant has been revoked.');
  }
}
