import { Injectable } from '@nestjs/common';
import { RedeemCode, type Redemption } from '#authorization/contracts.js';
import type { Transaction } from '#database/transaction.js';
import { CommandBus } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { TokensIssued } from '../contracts.js';
import { grantLifetime } from '../domain/lifetimes.js';
import { Grants } from '../persistence/grants.js';
import { RefreshTokens } from '../persistence/refresh-tokens.js';
import { RevokeGrants } from '../revoke-grants.js';
import type { Entitlement, GrantType, TokenRequest } from './grant-type.js';

type Redeemed = Extract<Redemption, { outcome: 'redeemed' }>;

/** RFC 6749 §4.1.3: an authorization code for tokens. */
@Injectable()
export class AuthorizationCodeGrant implements GrantType {
  readonly name = 'authorization_code';

  constructor(
    private readonly commands: CommandBus,
    private readonly grants: Grants,
    private readonly refreshTokens: RefreshTokens,
    private readonly revocation: RevokeGrants,
  ) {}

  async entitle(request: TokenRequest, transaction: Transaction): Promise<Entitlement | OAuthError> {
    const { client, parameters, now } = request;
    const code = parameters.get('code');
    if (code === undefined) return new OAuthError('invalid_request', 'code is required.');
    const attempt = {
      clientId: client.client_id,
      clientCreatedAt: client.created_at,
      redirectUri: parameters.get('redirect_uri'),
      codeVerifier: parameters.get('code_verifier'),
    };
    const redemption = await this.commands.execute(new RedeemCode(code, attempt, transaction));
    switch (redemption.outcome) {
      case 'refused':
        return redemption.error;
      case 'replayed':
        await this.revocation.revoke(transaction, redemption.grantId, 'code-replayed', now);
        return new OAuthError('invalid_grant', 'The code was redeemed before; all that it brought has been revoked.');
      case 'redeemed':
        return this.createGrant(redemption, request, transaction);
    }
  }

  private createGrant({ grant: authorized, user }: Redeemed, { client, now }: TokenRequest, transaction: Transaction): Entitlement {
    const expiresAt = new Date(now.getTime() + grantLifetime(client) * 1000);
    const grant = { ...authorized, id: authorized.grantId, expiresAt, createdAt: now };
    const lifetime = client.refresh_token_lifetime;
    const refreshToken = lifetime === null ? undefined : ExpiringSecret.create(now, lifetime);
    this.grants.insert(transaction, grant);
    if (refreshToken !== undefined) this.refreshTokens.insert(transaction, refreshToken, grant.id);
    return {
      grant,
      user,
      scope: grant.scope,
      refreshToken,
      nonce: authorized.nonce,
      event: ({ idToken }) =>
        new TokensIssued(grant.id, {
          grant_id: grant.id,
          client_id: grant.clientId,
          sub: grant.sub,
          scope: formatScope(grant.scope),
          grant_type: this.name,
          refresh_token: refreshToken !== undefined,
          id_token: idToken,
        }),
    };
  }
}
