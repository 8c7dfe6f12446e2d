import { Injectable } from '@nestjs/common';
import { GetClient } from '#client-registry/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import type { Session } from '#authentication/contracts.js';
import type { Pending } from './pending.js';
import { AuthorizationRequests } from './persistence/authorization-requests.js';

/** Opens stored requests again by the handle that a page carries, in the browser that it is bound to. */
@Injectable()
export class PendingAuthorizations {
  constructor(
    private readonly requests: AuthorizationRequests,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  async open(handle: string, browserId: Secret, session: Session | undefined): Promise<Pending | undefined> {
    const secret = ExpiringSecret.parse(handle);
    if (secret === undefined || secret.hasExpired(this.clock.now())) return undefined;
    const stored = await this.requests.find({ secret, browserId });
    if (stored === undefined) return undefined;
    const client = await this.queries.execute(new GetClient(stored.request.clientId));
    if (client?.enabled !== true) return undefined;
    return {
      request: stored.request,
      client,
      initialSid: stored.initialSid,
      // A decision is that of the session it was made in: another user of the same browser decides anew.
      decision: stored.decidedSid === session?.sid ? stored.decision : undefined,
      handle: { secret, browserId },
    };
  }
}
