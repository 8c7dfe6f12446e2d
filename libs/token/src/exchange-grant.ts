import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { Database } from '#database/database.js';
import { NoRowAffected, OAuthError } from '#kernel/errors.js';
import { GRANT_TYPES } from '#kernel/protocol-names.js';
import { ExchangeGrant, type TokenResponse } from './contracts.js';
import type { GrantType, TokenRequest } from './grants/grant-type.js';
import { GrantTypes } from './grants/registry.js';
import { IssueTokens } from './issue-tokens.js';

/** The phases of every grant: find its type, check the client's right to it, claim, then issue; the last two in one transaction. */
@HandlesCommand(ExchangeGrant)
export class ExchangeGrantHandler {
  constructor(
    private readonly grantTypes: GrantTypes,
    private readonly database: Database,
    private readonly issueTokens: IssueTokens,
    private readonly clock: Clock,
  ) {}

  async execute({ client, parameters }: ExchangeGrant): Promise<TokenResponse | OAuthError> {
    const grantType = this.findGrantType(parameters.get('grant_type'));
    if (grantType instanceof OAuthError) return grantType;
    if (!client.grant_types.some((allowed) => allowed === grantType.name)) {
      return new OAuthError('unauthorized_client', `The client may not use grant_type ${grantType.name}.`);
    }
    const request = { client, parameters, now: this.clock.now() };
    try {
      return await this.exchange(grantType, request);
    } catch (error) {
      // Another was faster with the same code or token. Once more, and this one finds it spent, and is told what comes of that.
      if (error instanceof NoRowAffected) return this.exchange(grantType, request);
      throw error;
    }
  }

  private exchange(grantType: GrantType, request: TokenRequest): Promise<TokenResponse | OAuthError> {
    return this.database.transaction(async (transaction) => {
      const entitlement = await grantType.entitle(request, transaction);
      return entitlement instanceof OAuthError ? entitlement : this.issueTokens.issue(entitlement, request, transaction);
    });
  }

  private findGrantType(name: string | undefined): GrantType | OAuthError {
    if (name === undefined) return new OAuthError('invalid_request', 'grant_type is required.');
    const supported = GRANT_TYPES.join(', ');
    return this.grantTypes.find(name) ?? new OAuthError('unsupported_grant_type', `grant_type must be one of: ${supported}.`);
  }
}
