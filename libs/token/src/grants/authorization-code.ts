import { Injectable } from '@nestjs/common';
import { type AuthorizedGrant, RedeemCode, type Redemption } from '#authorization/contracts.js';
import { CommandBus } from '#kernel/bus.js';
import type { Transaction } from '#database/transaction.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { TokensIssued } from '../contracts.js';
import { grantLifetime } from '../domain/lifetimes.js';
import { type Grant, Grants } from '../persistence/grants.js';
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

  async claim(request: TokenRequest, transaction: Transaction): Promise<Entitlement | OAuthError> {
    const { client, parameters, now } = request;
    const code = parameters.get('code');
    if (code === undefined) return new OAuthError('invalid_request', 'code is required.');
    const redemption = {
      code,
      clientId: client.client_id,
      clientCreatedAt: client.created_at,
      redirectUri: parameters.get('redirect_uri'),
      codeVerifier: parameters.get('code_verifier'),
    };
    const redeemed = await this.commands.execute(new RedeemCode(redemption, transaction));
    switch (redeemed.outcome) {
      case 'refused':
        return redeemed.error;
      case 'replayed':
        await this.revocation.revoke(transaction, redeemed.grantId, 'code-replayed', now);
        return new OAuthError('invalid_grant', 'The code was redeemed before; all that it brought has been revoked.');
      case 'redeemed':
        return this.open(redeemed, request, transaction);
    }
  }

  private open({ grant: authorized, user }: Redeemed, { client, now }: TokenRequest, transaction: Transaction): Entitlement {
    const grant = newGrant(authorized, new Date(now.getTime() + grantLifetime(client) * 1000));
    const refreshToken =
      client.refresh_token_lifetime === null ? undefined : ExpiringSecret.create(now, client.refresh_token_lifetime);
    this.grants.insert(transaction, grant, now);
    if (refreshToken !== undefined) this.refreshTokens.insert(transaction, refreshToken, grant.id);
    return {
      grant,
      user,
      scope: grant.scope,
      refreshToken,
      nonce: authorized.nonce,
      fact: ({ idToken }) =>
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

function newGrant({ grantId, clientId, sub, scope, claims, session }: AuthorizedGrant, expiresAt: Date): Grant {
  const { sid, acr, amr, authTime } = session;
  return { id: grantId, expiresAt, clientId, sub, scope, claims, sid, acr, amr, authTime };
}
