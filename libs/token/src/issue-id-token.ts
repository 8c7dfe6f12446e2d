import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Account } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { Clock } from '#kernel/clock.js';
import type { Secret } from '#kernel/secrets.js';
import { idTokenPayload } from './domain/id-token.js';
import { idTokenClaims } from './domain/user-claims.js';
import type { Entitlement } from './grants/grant-type.js';
import { TokenOptions } from './options.js';
import { SigningKeys } from './signing-keys.js';

interface Recipient {
  readonly client: Client;
  readonly user: Account;
  readonly accessToken: Secret;
}

/** The ID token: exactly when `openid` was granted (OIDC Core §3.1.3.3, §12.2). */
@Injectable()
export class IssueIdToken {
  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
    private readonly options: TokenOptions,
  ) {}

  issue({ grant, scope, nonce }: Entitlement, { client, user, accessToken }: Recipient): string | undefined {
    if (grant === undefined || !scope.includes('openid')) return undefined;
    const payload = idTokenPayload(
      {
        authorized: grant,
        nonce,
        jti: randomUUID(),
        issuer: this.options.issuer,
        accessToken: accessToken.reveal(),
        userClaims: idTokenClaims(user, { client, scope, asked: grant.claims }),
        lifetime: client.id_token_lifetime,
      },
      this.clock.now(),
    );
    return this.keys.sign(payload, client.id_token_signed_response_alg);
  }
}
