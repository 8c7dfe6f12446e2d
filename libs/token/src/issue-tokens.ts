import { Injectable } from '@nestjs/common';
import type { Account } from '#authentication/contracts.js';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import type { TokenResponse } from './contracts.js';
import type { Entitlement, TokenRequest } from './grants/grant-type.js';
import { IssueAccessToken } from './issue-access-token.js';
import { IssueIdToken } from './issue-id-token.js';
import type { Grant } from './persistence/grants.js';
import { RevokeGrants } from './revoke-grants.js';

/** Mints and stores what an entitlement is worth, and records it. */
@Injectable()
export class IssueTokens {
  constructor(
    private readonly revocation: RevokeGrants,
    private readonly accessTokens: IssueAccessToken,
    private readonly idTokens: IssueIdToken,
    private readonly clock: Clock,
  ) {}

  async issue(entitlement: Entitlement, request: TokenRequest, transaction: Transaction): Promise<TokenResponse | OAuthError> {
    const { grant, user, scope, refreshToken } = entitlement;
    if (grant !== undefined && user?.locked !== false) return this.endForGood(grant, user, request, transaction);
    const accessToken = this.accessTokens.issue(entitlement, request, transaction);
    const idToken = user && this.idTokens.issue(entitlement, { client: request.client, user, accessToken: accessToken.secret });
    transaction.record(entitlement.event({ idToken: idToken !== undefined }));
    return {
      access_token: accessToken.secret.reveal(),
      token_type: 'bearer',
      expires_in: this.secondsUntil(accessToken.expiresAt),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken.secret.reveal() }),
      ...(idToken === undefined ? {} : { id_token: idToken }),
      scope: formatScope(scope),
    };
  }

  /**
   * The user may have gone since the code was issued. Word of that ends the grants that stand; one that was in the making then,
   * or is refreshed before the word comes, ends here.
   */
  private async endForGood(grant: Grant, user: Account | undefined, { now }: TokenRequest, transaction: Transaction): Promise<OAuthError> {
    await this.revocation.revoke(transaction, grant.id, user === undefined ? 'account-removed' : 'account-locked', now);
    return new OAuthError('invalid_grant', 'The user who granted it may no longer log in; the grant has been revoked.');
  }

  /** Counted when the answer is made: never more than the token really has, and never less than nothing. */
  private secondsUntil(expiry: Date): number {
    return Math.max(0, Math.floor((expiry.getTime() - this.clock.now().getTime()) / 1000));
  }
}
