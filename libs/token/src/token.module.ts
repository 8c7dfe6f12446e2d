import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#database/database.module.js';
import { GetJwksHandler, GetTokenCapabilitiesHandler } from './token-queries.js';
import { ExchangeGrantHandler } from './exchange-grant.js';
import { GetUserInfoHandler } from './get-user-info.js';
import type { GrantType } from './grants/grant-type.js';
import { GRANT_PROVIDERS, GrantTypes } from './grants/registry.js';
import { IssueAccessToken } from './issue-access-token.js';
import { IssueIdToken } from './issue-id-token.js';
import { IssueTokens } from './issue-tokens.js';
import { TokenOptions } from './options.js';
import { AccessTokens, accessTokensTable } from './persistence/access-tokens.js';
import { Grants, grantsTable } from './persistence/grants.js';
import { RefreshTokens, refreshTokensTable } from './persistence/refresh-tokens.js';
import { signingKeysTable, SigningKeyStore } from './persistence/signing-key-store.js';
import { ReadAccessTokenHandler, ValidAccessTokens } from './read-access-token.js';
import { ReadIdTokenHintHandler } from './read-id-token-hint.js';
import { RevokeGrants } from './revoke-grants.js';
import { SigningKeys } from './signing-keys.js';

export { TokenOptions } from './options.js';

const tables = [grantsTable, accessTokensTable, refreshTokensTable, signingKeysTable];
const stores = [Grants, AccessTokens, RefreshTokens, SigningKeyStore];
const steps = [SigningKeys, RevokeGrants, IssueAccessToken, IssueIdToken, IssueTokens, ValidAccessTokens];
const useCases = [
  ExchangeGrantHandler,
  GetJwksHandler,
  GetTokenCapabilitiesHandler,
  GetUserInfoHandler,
  ReadAccessTokenHandler,
  ReadIdTokenHintHandler,
];

/** Owns grants, their tokens and the keys that sign them, from the redemption of a code to the last token of its grant. */
@Module({})
export class TokenModule {
  static with(options: TokenOptions): DynamicModule {
    const grantTypes = {
      provide: GrantTypes,
      inject: [...GRANT_PROVIDERS],
      useFactory: (...types: GrantType[]) => new GrantTypes(...types),
    };
    return {
      module: TokenModule,
      imports: [DatabaseModule.forTables(tables)],
      providers: [{ provide: TokenOptions, useValue: options }, ...stores, ...GRANT_PROVIDERS, grantTypes, ...steps, ...useCases],
    };
  }
}
