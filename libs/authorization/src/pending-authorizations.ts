import { Injectable } from '@nestjs/common';
import { type Client, GetClient, matchesRedirectUri } from '#client-registry/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { isWithinScope, scopeTokens } from '#kernel/scope.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import type { Session } from '#authentication/contracts.js';
import type { AuthorizationRequest } from './domain/authorization-request.js';
import { type Pending, REQUEST_LIFETIME } from './pending.js';
import { AuthorizationRequests } from './persistence/authorization-requests.js';

/** Opens stored requests again by the handle that a page carries, in the browser that it is bound to. */
@Injectable()
export class PendingAuthorizations {
  constructor(
    private readonly requests: AuthorizationRequests,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  /** `session`: that of the user who would consent, if anybody. */
  async open(handle: string, browserId: Secret, session: Session | undefined): Promise<Pending | undefined> {
    const secret = ExpiringSecret.parse(handle);
    if (secret === undefined || secret.hasExpired(this.clock.now())) return undefined;
    const stored = await this.requests.find({ secret, browserId }, session?.sub);
    if (stored === undefined) return undefined;
    const client = await this.queries.execute(new GetClient(stored.request.clientId));
    const begunAt = new Date(secret.expiresAt.getTime() - REQUEST_LIFETIME * 1000);
    // A request that is older than its client came from another one of that ID.
    if (client?.enabled !== true || begunAt < client.created_at || !mayStillAsk(client, stored.request)) return undefined;
    return {
      request: stored.request,
      client,
      begunAt,
      initialSid: stored.initialSid,
      consented: stored.consented,
      handle: { secret, browserId },
    };
  }
}

/** Whether the client, which may have been changed while the request waited, could still send it. */
function mayStillAsk(client: Client, { redirectUri, scope }: AuthorizationRequest): boolean {
  const registered = client.redirect_uris.some((uri) => matchesRedirectUri(uri, redirectUri));
  return registered && isWithinScope(scope, scopeTokens(client.scope));
}
