import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database/transaction.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { accessTokenLifetime } from './domain/lifetimes.js';
import { audienceOf } from './domain/scopes.js';
import type { Entitlement, TokenRequest } from './grants/grant-type.js';
import { TokenOptions } from './options.js';
import { AccessTokens } from './persistence/access-tokens.js';

/** The access token: opaque, 256 random bits, of which the hash is stored. */
@Injectable()
export class IssueAccessToken {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly options: TokenOptions,
  ) {}

  issue({ grant, scope }: Entitlement, { client, now }: TokenRequest, transaction: Transaction): ExpiringSecret {
    const accessToken = ExpiringSecret.create(now, accessTokenLifetime(client, grant?.expiresAt, now));
    this.accessTokens.insert(transaction, accessToken, {
      grantId: grant?.id,
      clientId: client.client_id,
      scope,
      audience: audienceOf(scope, this.options.issuer),
      issuedAt: now,
    });
    return accessToken;
  }
}
