import { Injectable } from '@nestjs/common';
import { GetSession, type Session } from '#authentication/contracts.js';
import { type Client, GetClient, matchesRedirectUri } from '#client-registry/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { isWithinScope, scopeTokens } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import type { Browser } from './contracts.js';
import type { AuthorizationRequest } from './domain/authorization-request.js';
import { asksForConsent } from './domain/next-step.js';
import { type Pending, REQUEST_LIFETIME } from './pending.js';
import { AuthorizationRequests } from './persistence/authorization-requests.js';
import { Consents } from './persistence/consents.js';

/** A request under way, and the session of the browser that it is under way in. */
export interface Opened {
  readonly pending: Pending;
  readonly session: Session | undefined;
}

/** Opens requests: new ones, and stored ones again by the handle that a page carries, in the browser that it is bound to. */
@Injectable()
export class PendingAuthorizations {
  constructor(
    private readonly requests: AuthorizationRequests,
    private readonly consents: Consents,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  async begin(request: AuthorizationRequest, client: Client, { sessionSecret }: Browser): Promise<Opened> {
    // Asked for at the same moment, they are one round trip.
    const [session, consented] = await Promise.all([
      sessionSecret && this.queries.execute(new GetSession(sessionSecret)),
      sessionSecret && asksForConsent(request, client) ? this.consents.find(sessionSecret, client.client_id) : undefined,
    ]);
    return { pending: { request, client, begunAt: undefined, initialSid: session?.sid, consented, handle: undefined }, session };
  }

  async open(handle: string, { id: browserId, sessionSecret }: Browser): Promise<Opened | undefined> {
    const secret = ExpiringSecret.parse(handle);
    if (secret === undefined || secret.hasExpired(this.clock.now())) return undefined;
    // As above.
    const [session, stored] = await Promise.all([
      sessionSecret && this.queries.execute(new GetSession(sessionSecret)),
      this.requests.find({ secret, browserId }, sessionSecret),
    ]);
    if (stored === undefined) return undefined;
    const client = await this.queries.execute(new GetClient(stored.request.clientId));
    const begunAt = new Date(secret.expiresAt.getTime() - REQUEST_LIFETIME * 1000);
    // A request that is older than its client came from another one of that ID.
    if (client?.enabled !== true || begunAt < client.created_at || !mayStillAsk(client, stored.request)) return undefined;
    return { pending: { ...stored, client, begunAt, handle: { secret, browserId } }, session };
  }
}

/** Whether the client, which may have been changed while the request waited, could still send it. */
function mayStillAsk(client: Client, { redirectUri, scope }: AuthorizationRequest): boolean {
  const registered = client.redirect_uris.some((uri) => matchesRedirectUri(uri, redirectUri));
  return registered && isWithinScope(scope, scopeTokens(client.scope));
}
