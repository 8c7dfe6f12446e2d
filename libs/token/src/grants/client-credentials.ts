import { Injectable } from '@nestjs/common';
import type { Client } from '#client-registry/contracts.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope, isWithinScope, parseScope, scopeTokens } from '#kernel/scope.js';
import { TokensIssued } from '../contracts.js';
import { needsUser } from '../domain/scopes.js';
import type { Entitlement, GrantType, TokenRequest } from './grant-type.js';

/** RFC 6749 §4.4: the client acts for itself. No user, so no refresh token, no ID token and no scope that speaks of a user. */
@Injectable()
export class ClientCredentialsGrant implements GrantType {
  readonly name = 'client_credentials';

  entitle({ client, parameters }: TokenRequest): Promise<Entitlement | OAuthError> {
    const scope = readScope(client, parameters.get('scope'));
    return Promise.resolve(scope instanceof OAuthError ? scope : this.entitlement(client, scope));
  }

  private entitlement(client: Client, scope: readonly string[]): Entitlement {
    return {
      grant: undefined,
      user: undefined,
      scope,
      refreshToken: undefined,
      event: () =>
        new TokensIssued(client.client_id, {
          grant_id: null,
          client_id: client.client_id,
          sub: null,
          scope: formatScope(scope),
          grant_type: this.name,
          refresh_token: false,
          id_token: false,
        }),
    };
  }
}

function readScope(client: Client, requested: string | undefined): readonly string[] | OAuthError {
  const ownScope = scopeTokens(client.scope).filter((scope) => !needsUser(scope));
  if (requested === undefined) return scopeTokens(client.default_scope).filter((scope) => !needsUser(scope));
  const scope = parseScope(requested);
  if (scope === 'malformed') return new OAuthError('invalid_scope', 'scope is malformed.');
  return isWithinScope(scope, ownScope)
    ? scope
    : new OAuthError('invalid_scope', 'The client may not have every one of these scopes for itself.');
}
