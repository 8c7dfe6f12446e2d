import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database/transaction.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope, parseScope } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { RefreshTokenReused, TokensRefreshed } from '../contracts.js';
import { type RefreshState, refreshState, unknownToken } from '../domain/refresh.js';
import { RefreshTokens, type StoredRefreshToken } from '../persistence/refresh-tokens.js';
import { RevokeGrants } from '../revoke-grants.js';
import type { Entitlement, GrantType, TokenRequest } from './grant-type.js';

interface Presented {
  readonly secret: ExpiringSecret;
  /** Empty if it was left out, which means all of the grant's scope (RFC 6749 §6). */
  readonly scope: readonly string[];
}

type Active = Extract<RefreshState<StoredRefreshToken>, { state: 'active' }>;
type Use = Pick<Presented, 'scope'> & { readonly now: Date };

/** RFC 6749 §6 with rotation (RFC 9700 §4.14.2): every use replaces the token, and a second use revokes the grant. */
@Injectable()
export class RefreshTokenGrant implements GrantType {
  readonly name = 'refresh_token';

  constructor(
    private readonly refreshTokens: RefreshTokens,
    private readonly revocation: RevokeGrants,
  ) {}

  async entitle(request: TokenRequest, transaction: Transaction): Promise<Entitlement | OAuthError> {
    const presented = readPresented(request.parameters);
    if (presented instanceof OAuthError) return presented;
    const { client, now } = request;
    const { secret, scope } = presented;
    const attempt = {
      clientId: client.client_id,
      clientCreatedAt: client.created_at,
      lifetime: client.refresh_token_lifetime,
      grace: client.refresh_token_grace,
      scope,
    };
    const refresh = refreshState({ token: await this.refreshTokens.find(secret), attempt, now });
    switch (refresh.state) {
      case 'refused':
        return refresh.error;
      case 'reused':
        return this.revoke(refresh.token, now, transaction);
      case 'repeated':
        return entitlementOf(refresh.token, scope, refresh.successor);
      case 'active':
        return entitlementOf(refresh.token, scope, this.rotate(refresh, { scope, now }, transaction));
    }
  }

  private rotate({ token, lifetime }: Active, { scope, now }: Use, transaction: Transaction): ExpiringSecret {
    const successor = ExpiringSecret.create(now, lifetime);
    this.refreshTokens.rotate(transaction, token, successor, { scope: formatScope(scope), now });
    this.refreshTokens.insert(transaction, successor, token.grant.id);
    return successor;
  }

  private async revoke({ grant }: StoredRefreshToken, now: Date, transaction: Transaction): Promise<OAuthError> {
    const reused = new RefreshTokenReused(grant.id, { grant_id: grant.id, client_id: grant.clientId, sub: grant.sub });
    if (await this.revocation.revoke(transaction, grant.id, 'refresh-token-reused', now)) transaction.record(reused);
    return new OAuthError('invalid_grant', 'The refresh token was used before; the whole grant has been revoked.');
  }
}

function readPresented(parameters: TokenRequest['parameters']): Presented | OAuthError {
  const sent = parameters.get('refresh_token');
  if (sent === undefined) return new OAuthError('invalid_request', 'refresh_token is required.');
  const requested = parameters.get('scope');
  const scope = requested === undefined ? [] : parseScope(requested);
  if (scope === 'malformed') return new OAuthError('invalid_scope', 'scope is malformed.');
  const secret = ExpiringSecret.parse(sent);
  return secret === undefined ? unknownToken() : { secret, scope };
}

function entitlementOf({ grant, user }: StoredRefreshToken, requested: readonly string[], refreshToken: ExpiringSecret): Entitlement {
  const scope = requested.length === 0 ? grant.scope : requested;
  return {
    grant,
    user,
    scope,
    refreshToken,
    event: ({ idToken }) =>
      new TokensRefreshed(grant.id, {
        grant_id: grant.id,
        client_id: grant.clientId,
        sub: grant.sub,
        scope: formatScope(scope),
        id_token: idToken,
      }),
  };
}
