import { Injectable } from '@nestjs/common';
import { AccountChanged } from '#authentication/contracts.js';
import { ClientRemoved } from '#client-registry/contracts.js';
import { type Delivered, On } from '#kernel/bus.js';
import { Consents } from './persistence/consents.js';

/** What was granted to or by someone who is gone is forgotten: a new client under the old ID starts without consents. */
@Injectable()
export class DeleteConsents {
  constructor(private readonly consents: Consents) {}

  @On(ClientRemoved)
  async whenClientRemoved({ data }: Delivered<ClientRemoved>): Promise<void> {
    await this.consents.removeAllOf({ clientId: data.client_id });
  }

  @On(AccountChanged)
  async whenAccountRemoved({ data }: Delivered<AccountChanged>): Promise<void> {
    if (data.change === 'removed') await this.consents.removeAllOf({ sub: data.sub });
  }
}
