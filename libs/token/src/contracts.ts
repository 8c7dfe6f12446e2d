/**
 * What the client gets for it: grants in use, access and refresh tokens, ID tokens, signing keys, and what they say.
 * This file is the module's door; nothing else of it is imported from outside.
 */
import type { Client } from '#client-registry/contracts.js';
import { Command, DomainEvent, Query } from '#kernel/bus.js';
import type { OAuthError } from '#kernel/errors.js';
import type { Secret } from '#kernel/secrets.js';

/** The answer of RFC 6749 §5.1 and OIDC Core §3.1.3.3, ready to be sent to the client as JSON. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: 'bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly id_token?: string;
  readonly scope: string;
}

/** Exchanges a grant for tokens (RFC 6749 §4.1.3, §4.4.2, §6). The client is authenticated already. */
export class ExchangeGrant extends Command<TokenResponse | OAuthError> {
  constructor(
    readonly client: Client,
    /** The parameters of the form, each once and none of them empty. */
    readonly parameters: ReadonlyMap<string, string>,
  ) {
    super();
  }
}

/** What a valid access token says. */
export interface AccessToken {
  readonly clientId: string;
  /** The user; undefined where the client acts for itself. */
  readonly sub: string | undefined;
  readonly grantId?: string | undefined;
  readonly scope: readonly string[];
  /** URLs of the resource servers that it is meant for. */
  readonly audience: readonly string[];
  readonly expiresAt: Date;
}

/** Reads an access token; undefined when it is unknown, expired or revoked, or its client is gone or disabled. */
export class ReadAccessToken extends Query<AccessToken | undefined> {
  constructor(readonly token: Secret) {
    super();
  }
}

/** The claims of OIDC Core §5.3.2 for a valid access token with scope `openid`. */
export class GetUserInfo extends Query<Readonly<Record<string, unknown>> | OAuthError> {
  constructor(readonly token: Secret) {
    super();
  }
}

/** The `sub` of an ID token of ours, expired or not (`id_token_hint`, OIDC Core §3.1.2.1); undefined when it is none. */
export class ReadIdTokenHint extends Query<string | undefined> {
  constructor(readonly idToken: string) {
    super();
  }
}

export interface Jwks {
  readonly keys: readonly object[];
}

/** The public keys as a JWK Set (RFC 7517 §5). */
export class GetJwks extends Query<Jwks> {}

export interface TokenCapabilities {
  /** Scopes with the claims that each releases (OIDC Core §5.4). */
  readonly scopes: readonly { readonly name: string; readonly claims: readonly string[] }[];
  readonly claims: readonly string[];
}

/** What the registries of this module hold; discovery and consent name these and nothing else. */
export class GetTokenCapabilities extends Query<TokenCapabilities> {}

export class TokensIssued extends DomainEvent<{
  grant_id: string | null;
  client_id: string;
  sub: string | null;
  scope: string;
  grant_type: string;
  refresh_token: boolean;
  id_token: boolean;
}> {
  static readonly type = 'gatehouse.token.tokens-issued.v1';
}

export class TokensRefreshed extends DomainEvent<{ grant_id: string; client_id: string; sub: string; scope: string; id_token: boolean }> {
  static readonly type = 'gatehouse.token.tokens-refreshed.v1';
}

export class RefreshTokenReused extends DomainEvent<{ grant_id: string; client_id: string; sub: string }> {
  static readonly type = 'gatehouse.token.refresh-token-reused.v1';
}

/**
 * A grant has ended, and all of its tokens with it. The type names the authorization module for compatibility: subscribers know it
 * by that name since its first version.
 */
export class GrantRevoked extends DomainEvent<{
  grant_id: string;
  client_id: string;
  sub: string;
  reason:
    | 'code-replayed'
    | 'refresh-token-reused'
    | 'consent-withdrawn'
    | 'password-changed'
    | 'client-removed'
    | 'account-locked'
    | 'account-removed';
}> {
  static readonly type = 'gatehouse.authorization.grant-revoked.v1';
}
