import type { Client } from '#client-registry/contracts.js';
import { formatScope } from '#kernel/scope.js';
import { AuthorizationRequested } from './contracts.js';
import type { AuthorizationRequest } from './domain/authorization-request.js';
import type { Handle } from './persistence/authorization-requests.js';

/** An authorization request under way; it has a `handle` once it is stored. */
export interface Pending {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  readonly initialSid: string | undefined;
  readonly decision: 'allow' | 'deny' | undefined;
  readonly handle: Handle | undefined;
}

/** The fact of a new request: recorded with whatever is written for it first. */
export function requested({ request }: Pending, sub: string | undefined): AuthorizationRequested {
  const { clientId, scope } = request;
  return new AuthorizationRequested(clientId, { client_id: clientId, scope: formatScope(scope), sub: sub ?? null });
}
