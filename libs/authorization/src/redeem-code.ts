import { HandlesCommand } from '#kernel/bus.js';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { OAuthError } from '#kernel/errors.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { CodeRedeemed, CodeReplayed, RedeemCode, type Redemption } from './contracts.js';
import { isCodeVerifier } from './domain/pkce.js';
import { whyRefused } from './domain/why-refused.js';
import { AuthorizationCodes, type RedeemedCode } from './persistence/authorization-codes.js';

/**
 * Looks what the code is good for, and claims it in the transaction that uses it: of many who have looked, one has the code. What
 * the loser writes is committed by the caller like what the winner writes.
 */
@HandlesCommand(RedeemCode)
export class RedeemCodeHandler {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly clock: Clock,
  ) {}

  async execute({ redemption, transaction }: RedeemCode): Promise<Redemption> {
    const code = ExpiringSecret.parse(redemption.code);
    if (code === undefined) return refuse('The code is unknown or has expired.');
    const now = this.clock.now();
    const { codeVerifier } = redemption;
    const claimable = !code.hasExpired(now) && (codeVerifier === undefined || isCodeVerifier(codeVerifier));
    const redeemable = claimable ? await this.codes.findRedeemable(code, redemption) : undefined;
    if (redeemable === undefined) return this.explain(code, redemption, transaction);
    this.codes.redeem(transaction, code, now);
    return accept(redeemable, transaction);
  }

  private async explain(code: ExpiringSecret, redemption: RedeemCode['redemption'], transaction: Transaction): Promise<Redemption> {
    const now = this.clock.now();
    // The row may be held by the sweep: a request must not come to wait for that.
    if (!this.codes.remembers(code, now)) return refuse(whyRefused(undefined, redemption));
    const replayed = await this.codes.markReplayed(transaction, code, redemption, now);
    if (replayed !== undefined) {
      const { grantId, clientId } = replayed;
      transaction.record(new CodeReplayed(grantId, { grant_id: grantId, client_id: clientId }));
      return { outcome: 'replayed', grantId };
    }
    const issued = code.hasExpired(now) ? undefined : await this.codes.find(transaction, code);
    return refuse(whyRefused(issued, redemption));
  }
}

function accept({ grant, user }: RedeemedCode, transaction: Transaction): Redemption {
  const { grantId, clientId, sub, scope } = grant;
  transaction.record(new CodeRedeemed(grantId, { grant_id: grantId, client_id: clientId, sub, scope: formatScope(scope) }));
  return { outcome: 'redeemed', grant, user };
}

function refuse(description: string): Redemption {
  return { outcome: 'refused', error: new OAuthError('invalid_grant', description) };
}
