import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#kernel/database.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import type { TokenResponse } from './contracts.js';
import type { Entitlement, TokenRequest } from './grants/grant-type.js';
import { IssueAccessToken } from './issue-access-token.js';
import { IssueIdToken } from './issue-id-token.js';
import { UserOfGrant } from './user-of-grant.js';

/** Mints and stores what an entitlement is worth, and records it. */
@Injectable()
export class IssueTokens {
  constructor(
    private readonly users: UserOfGrant,
    private readonly accessTokens: IssueAccessToken,
    private readonly idTokens: IssueIdToken,
    private readonly clock: Clock,
  ) {}

  async issue(entitlement: Entitlement, request: TokenRequest, transaction: Transaction): Promise<TokenResponse | OAuthError> {
    const { grant, scope, refreshToken } = entitlement;
    const user = grant && (await this.users.find(grant, transaction, request.now));
    if (user instanceof OAuthError) return user;
    const accessToken = this.accessTokens.issue(entitlement, request, transaction);
    const idToken = user && this.idTokens.issue(entitlement, { client: request.client, user, accessToken: accessToken.secret });
    transaction.record(entitlement.fact({ idToken: idToken !== undefined }));
    return {
      access_token: accessToken.secret.reveal(),
      token_type: 'bearer',
      expires_in: this.secondsUntil(accessToken.expiresAt),
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken.secret.reveal() }),
      ...(idToken === undefined ? {} : { id_token: idToken }),
      scope: formatScope(scope),
    };
  }

  /** Counted when the answer is made: never more than the token really has, and never less than nothing. */
  private secondsUntil(expiry: Date): number {
    return Math.max(0, Math.floor((expiry.getTime() - this.clock.now().getTime()) / 1000));
  }
}
