import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { AuthorizationRequests, type Handle } from './persistence/authorization-requests.js';
import { requested, type Pending, REQUEST_LIFETIME } from './pending.js';

/** Keeps a request on the server while pages are shown; they carry its handle, which opens it in this browser only. */
@Injectable()
export class StoreRequest {
  constructor(
    private readonly database: Database,
    private readonly requests: AuthorizationRequests,
    private readonly clock: Clock,
  ) {}

  async store(pending: Pending, session: Session | undefined, browserId: Secret): Promise<Handle> {
    const handle = { secret: ExpiringSecret.create(this.clock.now(), REQUEST_LIFETIME), browserId };
    await this.database.transaction((transaction) => {
      this.requests.insert(transaction, handle, pending.request, pending.initialSid);
      transaction.record(requested(pending, session?.sub));
    });
    return handle;
  }
}
