import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database/transaction.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope, isWithinScope, parseScope } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { RefreshTokenReused, TokensRefreshed } from '../contracts.js';
import { isRepetition } from '../domain/rotation.js';
import { type GrantWithUser, RefreshTokens } from '../persistence/refresh-tokens.js';
import { RevokeGrants } from '../revoke-grants.js';
import type { Entitlement, GrantType, TokenRequest } from './grant-type.js';

interface Presented {
  readonly token: ExpiringSecret;
  /** The `scope` parameter; empty where it was left out, which means all of the grant's (RFC 6749 §6). */
  readonly scope: readonly string[];
}

/** RFC 6749 §6 with rotation (RFC 9700 §4.14.2): every use replaces the token, and a second use of one ends the grant. */
@Injectable()
export class RefreshTokenGrant implements GrantType {
  readonly name = 'refresh_token';

  constructor(
    private readonly refreshTokens: RefreshTokens,
    private readonly revocation: RevokeGrants,
  ) {}

  async claim(request: TokenRequest, transaction: Transaction): Promise<Entitlement | OAuthError> {
    const presented = readPresented(request.parameters);
    if (presented instanceof OAuthError) return presented;
    const { client, now } = request;
    const { token, scope } = presented;
    if (client.refresh_token_lifetime === null) return unknownToken();
    if (token.hasExpired(now)) return this.explain(presented, request, transaction);

    const rotation = { client, scope: formatScope(scope), now };
    const rotatable = await this.refreshTokens.findRotatable(token, rotation);
    if (rotatable === undefined) return this.explain(presented, request, transaction);

    const successor = ExpiringSecret.create(now, client.refresh_token_lifetime);
    this.refreshTokens.rotate(transaction, token, successor, rotation);
    this.refreshTokens.insert(transaction, successor, rotatable.grant.id);
    return entitle(rotatable, scope, successor);
  }

  /** Why the token could not be rotated: it is another's, spent, too narrow, or used again. */
  private async explain({ token, scope }: Presented, request: TokenRequest, transaction: Transaction): Promise<Entitlement | OAuthError> {
    const { client, now } = request;
    const stored = await this.refreshTokens.find(transaction, token, client);
    if (stored === undefined) return unknownToken();
    const { grant, grantRevoked, rotation } = stored;
    if (grantRevoked || grant.expiresAt <= now) return unknownToken();
    if (rotation === undefined) {
      return isWithinScope(scope, grant.scope)
        ? unknownToken()
        : new OAuthError('invalid_scope', 'The scope goes beyond the one that was granted.');
    }
    const repeated = isRepetition({
      rotatedAt: rotation.at,
      rotatedScope: rotation.scope,
      requestedScope: formatScope(scope),
      grace: client.refresh_token_grace,
      now,
    });
    if (repeated && rotation.successor !== undefined) return entitle(stored, scope, rotation.successor);

    const reused = new RefreshTokenReused(grant.id, { grant_id: grant.id, client_id: grant.clientId, sub: grant.sub });
    if (await this.revocation.revoke(transaction, grant.id, 'refresh-token-reused', now)) transaction.record(reused);
    return new OAuthError('invalid_grant', 'The refresh token was used before; the whole grant has been revoked.');
  }
}

function readPresented(parameters: TokenRequest['parameters']): Presented | OAuthError {
  const sent = parameters.get('refresh_token');
  if (sent === undefined) return new OAuthError('invalid_request', 'refresh_token is required.');
  const scope = parameters.get('scope');
  const tokens = scope === undefined ? [] : parseScope(scope);
  if (tokens === 'malformed') return new OAuthError('invalid_scope', 'scope is malformed.');
  const token = ExpiringSecret.parse(sent);
  return token === undefined ? unknownToken() : { token, scope: tokens };
}

function entitle({ grant, user }: GrantWithUser, requested: readonly string[], refreshToken: ExpiringSecret): Entitlement {
  const scope = requested.length === 0 ? grant.scope : requested;
  return {
    grant,
    user,
    scope,
    refreshToken,
    nonce: undefined,
    fact: ({ idToken }) =>
      new TokensRefreshed(grant.id, {
        grant_id: grant.id,
        client_id: grant.clientId,
        sub: grant.sub,
        scope: formatScope(scope),
        id_token: idToken,
      }),
  };
}

function unknownToken(): OAuthError {
  return new OAuthError('invalid_grant', 'The refresh token is unknown, expired or revoked.');
}
