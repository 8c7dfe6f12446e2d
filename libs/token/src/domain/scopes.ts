import { ADMINISTRATION_SCOPES } from '#client-registry/contracts.js';

export interface ScopeDefinition {
  readonly name: string;
  /** The claims that the scope releases at userinfo (OIDC Core §5.4). */
  readonly claims: readonly string[];
}

/** The scopes that a user can grant and that this server knows the meaning of. Discovery and consent read it. */
export const USER_SCOPES: readonly ScopeDefinition[] = [
  { name: 'openid', claims: ['sub'] },
  {
    name: 'profile',
    claims: [
      'name',
      'family_name',
      'given_name',
      'middle_name',
      'nickname',
      'preferred_username',
      'profile',
      'picture',
      'website',
      'gender',
      'birthdate',
      'zoneinfo',
      'locale',
      'updated_at',
    ],
  },
  { name: 'email', claims: ['email', 'email_verified'] },
  { name: 'address', claims: ['address'] },
  { name: 'phone', claims: ['phone_number', 'phone_number_verified'] },
  { name: 'offline_access', claims: [] },
];

/** Whether a scope speaks of a user, so that a client that acts for itself cannot have it. */
export function needsUser(scope: string): boolean {
  return USER_SCOPES.some(({ name }) => name === scope);
}

/** The resource servers that a token with this scope is for: the administration API, userinfo and all others. */
export function audienceOf(scope: readonly string[], issuer: string): readonly string[] {
  const administers = (each: string): boolean => ADMINISTRATION_SCOPES.some((administration) => administration === each);
  const onlyAdministers = scope.length > 0 && scope.every(administers);
  return [...(onlyAdministers ? [] : [issuer]), ...(scope.some(administers) ? [`${issuer}/admin/v1`] : [])];
}
