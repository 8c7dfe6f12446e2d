import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { OAuthError } from '#kernel/errors.js';
import { ClientAuthenticationLog } from './client-authentication-log.js';
import { ClientRegistryOptions } from './options.js';
import { AuthenticateClient, type Client } from './contracts.js';
import { readClaim, refuseClient, verifyClaim } from './domain/client-proof.js';
import { ClientCache } from './client-cache.js';

@HandlesCommand(AuthenticateClient)
export class AuthenticateClientHandler {
  constructor(
    private readonly options: ClientRegistryOptions,
    private readonly remembered: ClientCache,
    private readonly record: ClientAuthenticationLog,
    private readonly clock: Clock,
  ) {}

  async execute({ credentials }: AuthenticateClient): Promise<Client | OAuthError> {
    const claim = readClaim(credentials, this.options.clientAuthentication);
    if (claim instanceof OAuthError) return claim;
    const known = await this.remembered.get(claim.clientId);
    const now = this.clock.now();
    const verdict = verifyClaim(claim, known, now);
    if (!verdict.proven) {
      if (known !== undefined) await this.record.failed(known.client, verdict.reason, now);
      return refuseClient(verdict.reason);
    }
    if (verdict.secretId !== undefined) this.record.succeeded(verdict.secretId, now);
    return verdict.client;
  }
}
