import { Injectable } from '@nestjs/common';
import { GetSession } from '#authentication/contracts.js';
import { type Client, GetClient, matchesRedirectUri } from '#client-registry/contracts.js';
import { HandlesQuery, QueryBus } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { isWithinScope, scopeTokens } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { type Browser, GetPendingRequest, type PendingRequestOverview } from './contracts.js';
import type { AuthorizationRequest } from './domain/read-request.js';
import { acceptableAuthenticators, asksForConsent } from './domain/next-step.js';
import { type PendingRequest, REQUEST_LIFETIME } from './pending-request.js';
import { AuthorizationRequests } from './persistence/authorization-requests.js';
import { Consents } from './persistence/consents.js';

/** Opens requests: new ones, and stored ones by the handle that a page carries, in the browser that sent them. */
@Injectable()
export class PendingRequests {
  constructor(
    private readonly requests: AuthorizationRequests,
    private readonly consents: Consents,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  async begin(request: AuthorizationRequest, client: Client, { sessionSecret }: Browser): Promise<PendingRequest> {
    // Asked for in one event-loop turn, they are one round trip.
    const [session, consented] = await Promise.all([
      sessionSecret && this.queries.execute(new GetSession(sessionSecret)),
      sessionSecret && asksForConsent(request, client) ? this.consents.find(sessionSecret, client.client_id) : undefined,
    ]);
    return { request, client, session, initialSid: session?.sid, consented, stored: undefined };
  }

  /** Undefined if there is no such request any more, or not in this browser. */
  async open(sent: string, { id: browserId, sessionSecret }: Browser): Promise<PendingRequest | undefined> {
    const secret = ExpiringSecret.parse(sent);
    if (secret === undefined || secret.hasExpired(this.clock.now())) return undefined;
    const handle = { secret, browserId };
    // One round trip, as above.
    const [session, found] = await Promise.all([
      sessionSecret && this.queries.execute(new GetSession(sessionSecret)),
      this.requests.find(handle, sessionSecret),
    ]);
    if (found === undefined) return undefined;
    const client = await this.queries.execute(new GetClient(found.request.clientId));
    const at = new Date(secret.expiresAt.getTime() - REQUEST_LIFETIME * 1000);
    // A request that is older than its client came from another client with that ID.
    if (client?.enabled !== true || at < client.created_at || !mayStillAsk(client, found.request)) return undefined;
    return { ...found, client, session, stored: { handle, at } };
  }
}

/** Whether the client, which may have been changed while the request waited, could still send it. */
function mayStillAsk(client: Client, { redirectUri, scope }: AuthorizationRequest): boolean {
  const registered = client.redirect_uris.some((uri) => matchesRedirectUri(uri, redirectUri));
  return registered && isWithinScope(scope, scopeTokens(client.scope));
}

@HandlesQuery(GetPendingRequest)
export class GetPendingRequestHandler {
  constructor(private readonly requests: PendingRequests) {}

  async execute({ handle, browserId }: GetPendingRequest): Promise<PendingRequestOverview | undefined> {
    const pending = await this.requests.open(handle, { id: browserId, sessionSecret: undefined });
    if (pending === undefined) return undefined;
    const { client, request } = pending;
    const { scope, claims, redirectUri, loginHint, uiLocales } = request;
    const names = Object.keys({ ...claims?.id_token, ...claims?.userinfo });
    return { client, scope, claims: names, redirectUri, authenticators: acceptableAuthenticators(client), loginHint, uiLocales };
  }
}
