import type { Client } from '#client-registry/contracts.js';
import { formatScope } from '#kernel/scope.js';
import { AuthorizationRequested } from './contracts.js';
import type { AuthorizationRequest } from './domain/authorization-request.js';
import type { Handle } from './persistence/authorization-requests.js';

/** Seconds that a stored request waits for its pages: long enough to create an account, or to come back to an open tab. */
export const REQUEST_LIFETIME = 60 * 60;

/** An authorization request under way; it has a `handle` once it is stored. */
export interface Pending {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  /** When it was stored; undefined for a request that has just come. */
  readonly begunAt: Date | undefined;
  readonly initialSid: string | undefined;
  /** The scopes that the user of the session granted to the client before; undefined where there are none, or no session. */
  readonly consented: readonly string[] | undefined;
  readonly handle: Handle | undefined;
}

/** The fact of a new request: recorded with whatever is written for it first. */
export function requested({ request }: Pending, sub: string | undefined): AuthorizationRequested {
  const { clientId, scope } = request;
  return new AuthorizationRequested(clientId, { client_id: clientId, scope: formatScope(scope), sub: sub ?? null });
}
