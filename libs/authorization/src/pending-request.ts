import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { Database } from '#database/database.js';
import { Clock } from '#kernel/clock.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { AuthorizationRequested } from './contracts.js';
import type { AuthorizationRequest } from './domain/read-request.js';
import { AuthorizationRequests, type Handle } from './persistence/authorization-requests.js';

/** Seconds that a stored request waits for its pages: long enough to create an account, or to come back to an open tab. */
export const REQUEST_LIFETIME = 60 * 60;

/** An authorization request that is not answered yet, with what its answer depends on. */
export interface PendingRequest {
  readonly request: AuthorizationRequest;
  readonly client: Client;
  /** The session of the browser; undefined if nobody is logged in there. */
  readonly session: Session | undefined;
  /** The `sid` with which the browser sent the request. */
  readonly initialSid?: string | undefined;
  /** The scopes that the user of the session granted to the client before; undefined if there are none, or no session. */
  readonly consented: readonly string[] | undefined;
  /** Undefined for a request that has just come and is not stored. */
  readonly stored: { readonly handle: Handle; readonly at: Date } | undefined;
}

/** Keeps a request on the server while pages are shown. They carry its handle, which opens it in this browser only. */
@Injectable()
export class StoreRequest {
  constructor(
    private readonly database: Database,
    private readonly requests: AuthorizationRequests,
    private readonly clock: Clock,
  ) {}

  async store(pending: PendingRequest, browserId: Secret): Promise<Handle> {
    const { request, initialSid } = pending;
    const handle = { secret: ExpiringSecret.create(this.clock.now(), REQUEST_LIFETIME), browserId };
    await this.database.transaction((transaction) => {
      this.requests.insert(transaction, handle, { request, initialSid });
      transaction.record(requested(pending));
    });
    return handle;
  }
}

/** The event of a new request, recorded with the first thing that is written for it. */
export function requested({ request: { clientId, scope }, session }: PendingRequest): AuthorizationRequested {
  return new AuthorizationRequested(clientId, { client_id: clientId, scope: formatScope(scope), sub: session?.sub ?? null });
}
