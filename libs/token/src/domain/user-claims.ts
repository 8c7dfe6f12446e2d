import type { Account } from '#authentication/contracts.js';
import type { ClaimsRequest } from '#authorization/contracts.js';
import { USER_SCOPES } from './scopes.js';

type Claims = Readonly<Record<string, unknown>>;

/** Every claim about a user that this server can release. */
export const USER_CLAIMS: readonly string[] = USER_SCOPES.flatMap(({ claims }) => claims);

/** The claims that the scope releases and those asked for by name (OIDC Core §5.3.2, §5.4, §5.5); what is unknown is left out. */
export function userInfoClaims(account: Account, scope: readonly string[], asked: ClaimsRequest | undefined): Claims {
  const byScope = USER_SCOPES.filter(({ name }) => scope.includes(name)).flatMap(({ claims }) => claims);
  return { ...pick(account, [...byScope, ...Object.keys(asked?.userinfo ?? {})]), sub: account.sub };
}

/** The claims that the client asked to find in the ID token (OIDC Core §5.5). */
export function idTokenClaims(account: Account, asked: ClaimsRequest): Claims {
  return pick(account, Object.keys(asked.id_token ?? {}));
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
