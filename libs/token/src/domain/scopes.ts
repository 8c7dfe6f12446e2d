import { ADMINISTRATION_SCOPES } from '#client-registry/contracts.js';

export interface ScopeDefinition {
  readonly name: string;
  /** What the user reads when asked for consent. */
  readonly description: string;
  /** The claims that the scope releases at userinfo (OIDC Core §5.4). */
  readonly claims: readonly string[];
}

/** The scopes that a user can grant and that this server knows the meaning of. Discovery and consent read it. */
export const USER_SCOPES: readonly ScopeDefinition[] = [
  { name: 'openid', description: 'Know who you are', claims: ['sub'] },
  {
    name: 'profile',
    description: 'See your name and profile',
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
  { name: 'email', description: 'See your e-mail address', claims: ['email', 'email_verified'] },
  { name: 'address', description: 'See your postal address', claims: ['address'] },
  { name: 'phone', description: 'See your phone number', claims: ['phone_number', 'phone_number_verified'] },
  { name: 'offline_access', description: 'Stay connected when you are away', claims: [] },
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
