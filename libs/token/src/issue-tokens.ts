import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#kernel/database.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import type { TokenResponse } from './contracts.js';
import { accessTokenLifetime } from './domain/lifetimes.js';
import { audienceOf } from './domain/scopes.js';
import type { Entitlement, TokenRequest } from './grants/grant-type.js';
import { IssueIdToken } from './issue-id-token.js';
import { TokenOptions } from './options.js';
import { AccessTokens } from './persistence/access-tokens.js';

/** Mints and stores what an entitlement is worth, and records it. */
@Injectable()
export class IssueTokens {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly idTokens: IssueIdToken,
    private readonly clock: Clock,
    private readonly options: TokenOptions,
  ) {}

  async issue(entitlement: Entitlement, { client, now }: TokenRequest, transaction: Transaction): Promise<TokenResponse> {
    const { grant, scope, refreshToken } = entitlement;
    const accessToken = ExpiringSecret.create(now, accessTokenLifetime(client, grant?.expiresAt, now));
    await this.accessTokens.insert(transaction, accessToken, {
      grantId: grant?.id,
      clientId: client.client_id,
      scope,
      audience: audienceOf(scope, this.options.issuer),
      issuedAt: now,
    });
    const idToken = await this.idTokens.issue(entitlement, client, accessToken.secret);
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

  /** Counted when the answer is made: never more than the token really has. */
  private secondsUntil(expiry: Date): number {
    return Math.floor((expiry.getTime() - this.clock.now().getTime()) / 1000);
  }
}
