import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { CodeRedeemed, CodeReplayed, RedeemCode, type Redemption } from './contracts.js';
import { checkRedemption, isFor } from './domain/redemption.js';
import { AuthorizationCodes } from './persistence/authorization-codes.js';

/**
 * Reads the code, checks it, then marks it redeemed with a conditional UPDATE in the caller's transaction, so exactly one
 * concurrent redemption succeeds. What a refused attempt records is committed by the caller too.
 */
@HandlesCommand(RedeemCode)
export class RedeemCodeHandler {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly clock: Clock,
  ) {}

  async execute({ code: sent, attempt, transaction }: RedeemCode): Promise<Redemption> {
    const now = this.clock.now();
    const secret = ExpiringSecret.parse(sent);
    const stored = secret && (await this.codes.find(secret));
    const code = checkRedemption({ code: stored, attempt, now });
    if (code instanceof OAuthError) {
      const isReplay = stored !== undefined && isFor(stored, attempt) && (await this.codes.markReplayed(transaction, stored, now));
      if (!isReplay) return { outcome: 'refused', error: code };
      const { grantId, clientId } = stored;
      transaction.record(new CodeReplayed(grantId, { grant_id: grantId, client_id: clientId }));
      return { outcome: 'replayed', grantId };
    }
    this.codes.redeem(transaction, code, now);
    const { grantId, clientId, sub, scope, user } = code;
    transaction.record(new CodeRedeemed(grantId, { grant_id: grantId, client_id: clientId, sub, scope: formatScope(scope) }));
    return { outcome: 'redeemed', grant: code, user };
  }
}
