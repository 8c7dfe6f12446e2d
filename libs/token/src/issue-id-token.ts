import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { GetAccount } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import type { Secret } from '#kernel/secrets.js';
import { idTokenPayload } from './domain/id-token.js';
import { idTokenClaims } from './domain/user-claims.js';
import type { Entitlement } from './grants/grant-type.js';
import { TokenOptions } from './options.js';
import type { Grant } from './persistence/grants.js';
import { SigningKeys } from './signing-keys.js';

/** The ID token: exactly when `openid` was granted (OIDC Core §3.1.3.3, §12.2). */
@Injectable()
export class IssueIdToken {
  constructor(
    private readonly keys: SigningKeys,
    private readonly queries: QueryBus,
    private readonly clock: Clock,
    private readonly options: TokenOptions,
  ) {}

  async issue({ grant, scope, nonce }: Entitlement, client: Client, accessToken: Secret): Promise<string | undefined> {
    if (grant === undefined || !scope.includes('openid')) return undefined;
    const { clientId, sub, sid, acr, amr, authTime } = grant;
    const payload = idTokenPayload(
      {
        ...{ clientId, sub, sid, acr, amr, authTime, nonce },
        jti: randomUUID(),
        issuer: this.options.issuer,
        accessToken: accessToken.reveal(),
        userClaims: await this.claimsAskedFor(grant),
        lifetime: client.id_token_lifetime,
      },
      this.clock.now(),
    );
    return this.keys.sign(payload, client.id_token_signed_response_alg);
  }

  private async claimsAskedFor({ sub, claims }: Grant): Promise<Readonly<Record<string, unknown>>> {
    if (claims?.id_token === undefined) return {};
    const account = await this.queries.execute(new GetAccount(sub));
    return account === undefined ? {} : idTokenClaims(account, claims);
  }
}
