import type { Account } from '#authentication/contracts.js';
import type { ClaimsRequest } from '#authorization/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { scopeTokens } from '#kernel/scope.js';
import { USER_SCOPES } from './scopes.js';

type Claims = Readonly<Record<string, unknown>>;

/** Every claim about a user that this server can release. */
export const USER_CLAIMS: readonly string[] = USER_SCOPES.flatMap(({ claims }) => claims);

/** What a token releases claims by. */
interface Release {
  readonly client: Pick<Client, 'scope' | 'require_consent'>;
  /** Of the token. */
  readonly scope: readonly string[];
  readonly asked: ClaimsRequest | undefined;
}

/** The claims that the scope releases and those asked for by name (OIDC Core §5.3.2, §5.4, §5.5); what is unknown is left out. */
export function userInfoClaims(account: Account, release: Release): Claims {
  return { ...pick(account, [...claimsOf(release.scope), ...askedByName(release, 'userinfo')]), sub: account.sub };
}

/** The claims that the client asked to find in the ID token (OIDC Core §5.5). */
export function idTokenClaims(account: Account, release: Release): Claims {
  return pick(account, askedByName(release, 'id_token'));
}

/** A name brings no more than the scopes that the client has; and where it needs consent, those that the user was asked about. */
function askedByName({ client, scope, asked }: Release, member: 'id_token' | 'userinfo'): readonly string[] {
  const releasable = claimsOf(client.require_consent ? scope : scopeTokens(client.scope));
  return Object.keys(asked?.[member] ?? {}).filter((name) => releasable.includes(name));
}

function claimsOf(scope: readonly string[]): readonly string[] {
  return USER_SCOPES.filter(({ name }) => scope.includes(name)).flatMap(({ claims }) => claims);
}

function pick(account: Account, names: readonly string[]): Claims {
  const known = knownClaims(account);
  return Object.fromEntries(
    USER_CLAIMS.filter((name) => names.includes(name) && known[name] !== undefined).map((name) => [name, known[name]]),
  );
}

function knownClaims(account: Account): Claims {
  return {
    preferred_username: account.username,
    updated_at: Math.floor(account.updated_at.getTime() / 1000),
    ...account.profile,
    sub: account.sub,
  };
}
