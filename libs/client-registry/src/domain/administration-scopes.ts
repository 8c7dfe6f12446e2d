/** The scopes of the administration API. Whoever holds one acts on the whole server, not on one user's data. */
export const ADMINISTRATION_SCOPES = [
  'clients:read',
  'clients:write',
  'users:read',
  'users:write',
  'grants:read',
  'grants:write',
  'keys:write',
  'events:read',
  'events:write',
] as const;

export type AdministrationScope = (typeof ADMINISTRATION_SCOPES)[number];
