import { HandlesQuery } from '#kernel/bus.js';
import { GetPendingAuthorization, type PendingAuthorization } from './contracts.js';
import { PendingAuthorizations } from './pending-authorizations.js';

@HandlesQuery(GetPendingAuthorization)
export class GetPendingAuthorizationHandler {
  constructor(private readonly authorizations: PendingAuthorizations) {}

  async execute({ handle, browserId }: GetPendingAuthorization): Promise<PendingAuthorization | undefined> {
    const pending = await this.authorizations.open(handle, browserId, undefined);
    if (pending === undefined) return undefined;
    const { scope, claims, redirectUri, loginHint, uiLocales } = pending.request;
    const names = Object.keys({ ...claims?.id_token, ...claims?.userinfo });
    return { client: pending.client, scope, claims: names, redirectUri, loginHint, uiLocales };
  }
}
