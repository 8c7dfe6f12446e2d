import { Injectable } from '@nestjs/common';
import { type Client, GetClient } from '#client-registry/contracts.js';
import { HandlesQuery, QueryBus } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { scopeTokens } from '#kernel/scope.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { type AccessToken, ReadAccessToken } from './contracts.js';
import { AccessTokens, type StoredAccessToken } from './persistence/access-tokens.js';

export interface ValidAccessToken extends StoredAccessToken {
  readonly client: Client;
}

/** Reads access tokens that are good now: alive, of a grant that is, and of a client that is enabled. */
@Injectable()
export class ValidAccessTokens {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  async read(sent: Secret): Promise<ValidAccessToken | undefined> {
    const token = ExpiringSecret.parse(sent.reveal());
    if (token === undefined || token.hasExpired(this.clock.now())) return undefined;
    const stored = await this.accessTokens.find(token);
    if (stored === undefined) return undefined;
    // Word that the user has gone ends the grant; until it comes, the account itself tells.
    if (stored.sub !== undefined && stored.user?.locked !== false) return undefined;
    const client = await this.queries.execute(new GetClient(stored.clientId));
    // A client that was removed and registered anew under the old ID does not inherit the old one's tokens.
    if (client?.enabled !== true || client.created_at > stored.issuedAt) return undefined;
    // What was taken from the client counts no more from that moment on, in the tokens that it has already too.
    const assigned = scopeTokens(client.scope);
    return { ...stored, client, scope: stored.scope.filter((scope) => assigned.includes(scope)) };
  }
}

@HandlesQuery(ReadAccessToken)
export class ReadAccessTokenHandler {
  constructor(private readonly accessTokens: ValidAccessTokens) {}

  async execute({ token }: ReadAccessToken): Promise<AccessToken | undefined> {
    return this.accessTokens.read(token);
  }
}
