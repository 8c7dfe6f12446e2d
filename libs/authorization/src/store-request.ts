import { Injectable } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import { Database } from '#kernel/database.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import type { Browser } from './contracts.js';
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

  async store(pending: Pending, browser: Browser): Promise<Handle> {
    const handle = { secret: ExpiringSecret.create(this.clock.now(), REQUEST_LIFETIME), browserId: browser.id };
    await this.database.transaction((transaction) => {
      this.requests.insert(transaction, handle, pending.request, pending.initialSid);
      transaction.record(requested(pending, browser.session?.sub));
    });
    return handle;
  }
}
