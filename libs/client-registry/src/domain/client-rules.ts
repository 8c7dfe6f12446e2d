/** What the members of one client must be together. Each rule answers the member to change, or nothing. */
import type { Rules } from '#document/read-document.js';
import { scopeTokens } from '#kernel/scope.js';
import { ADMINISTRATION_SCOPES } from './administration-scopes.js';
import type { ClientMetadata, FieldName } from './client-metadata.js';

interface Refusal {
  readonly field: FieldName;
  readonly detail: string;
}

export const CLIENT_RULES: Rules<ClientMetadata> = {
  'redirect-uri-required': codeFlowNeedsRedirectUri,
  'response-type-required': codeFlowNeedsResponseType,
  'public-client': publicClientsActForUsersOnly,
  'default-scope': defaultScopeIsPartOfScope,
  'administration-scope': administratorsActForThemselvesOnly,
};

function isPublic(client: ClientMetadata): boolean {
  return client.token_endpoint_auth_method === 'none';
}

/** RFC 6749 §3.1.2.2. */
function codeFlowNeedsRedirectUri({ grant_types, redirect_uris }: ClientMetadata): Refusal | undefined {
  if (!grant_types.includes('authorization_code') || redirect_uris.length > 0) return undefined;
  return { field: 'redirect_uris', detail: 'must have at least one entry for the grant type authorization_code' };
}

/** RFC 7591 §2.1. */
function codeFlowNeedsResponseType({ grant_types, response_types }: ClientMetadata): Refusal | undefined {
  if (!grant_types.includes('authorization_code') || response_types.includes('code')) return undefined;
  return { field: 'response_types', detail: 'must contain code for the grant type authorization_code' };
}

/** RFC 6749 §4.4: the grant is for confidential clients, since anyone may claim to be a public one. */
function publicClientsActForUsersOnly(client: ClientMetadata): Refusal | undefined {
  if (!isPublic(client) || !client.grant_types.includes('client_credentials')) return undefined;
  return { field: 'grant_types', detail: 'must not contain client_credentials for a client that cannot prove who it is' };
}

function defaultScopeIsPartOfScope({ scope, default_scope }: ClientMetadata): Refusal | undefined {
  const allowed = scopeTokens(scope);
  const outside = scopeTokens(default_scope).filter((token) => !allowed.includes(token));
  if (outside.length === 0) return undefined;
  return { field: 'default_scope', detail: `names what scope does not: ${outside.join(', ')}` };
}

/** Otherwise each user who can log in at such a client would become an administrator. */
function administratorsActForThemselvesOnly({ scope, grant_types }: ClientMetadata): Refusal | undefined {
  const administration = scopeTokens(scope).filter((token) => ADMINISTRATION_SCOPES.some((one) => one === token));
  if (administration.length === 0 || grant_types.every((grant) => grant === 'client_credentials')) return undefined;
  return { field: 'grant_types', detail: `must be client_credentials alone for the scope ${administration.join(', ')}` };
}
