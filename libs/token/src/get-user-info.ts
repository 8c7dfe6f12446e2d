import { HandlesQuery } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import { GetUserInfo } from './contracts.js';
import { userInfoClaims } from './domain/user-claims.js';
import { TokenOptions } from './options.js';
import { ValidAccessTokens } from './read-access-token.js';

@HandlesQuery(GetUserInfo)
export class GetUserInfoHandler {
  constructor(
    private readonly accessTokens: ValidAccessTokens,
    private readonly options: TokenOptions,
  ) {}

  async execute({ token }: GetUserInfo): Promise<Readonly<Record<string, unknown>> | OAuthError> {
    const stored = await this.accessTokens.read(token);
    if (stored?.user === undefined || !stored.audience.includes(this.options.issuer)) return invalidToken();
    if (!stored.scope.includes('openid')) return new OAuthError('insufficient_scope', 'The access token lacks the scope openid.');
    const { user, client, scope, claims } = stored;
    return userInfoClaims(user, { client, scope, asked: claims });
  }
}

function invalidToken(): OAuthError {
  return new OAuthError('invalid_token', 'The access token is unknown, expired or revoked.');
}
