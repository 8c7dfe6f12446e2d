import { HandlesQuery } from '#kernel/bus.js';
import { GetPendingAuthorization, type PendingAuthorization } from './contracts.js';
import { PendingAuthorizations } from './pending-requests.js';

@HandlesQuery(GetPendingAuthorization)
export class GetPendingAuthorizationHandler {
  constructor(private readonly authorizations: PendingAuthorizations) {}

  async execute({ handle, browserId }: GetPendingAuthorization): Promise<PendingAuthorization | undefined> {
    const opened = await this.authorizations.open(handle, { id: browserId, sessionSecret: undefined });
    if (opened === undefined) return undefined;
    const { client, request } = opened.pending;
    const { scope, claims, redirectUri, loginHint, uiLocales } = request;
    const names = Object.keys({ ...claims?.id_token, ...claims?.userinfo });
    return { client, scope, claims: names, redirectUri, loginHint, uiLocales };
  }
}
