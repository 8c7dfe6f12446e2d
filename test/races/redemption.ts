/** Many redemptions of one code: one succeeds, and since the others were replays, what it brought is dead (RFC 6749 §4.1.2). */
import { setTimeout as pause } from 'node:timers/promises';
import { ExpiringSecret } from '#kernel/secrets.js';
import { sql } from '#test/database.js';
import { redeem, type TokenAnswer } from '#test/flow.js';
import { aClient } from '#test/fixtures.js';
import { PARALLEL, parallel } from './pair.js';
import { aVisitor, notToldOnce, type Race, stillAlive, succeeded, tally, unexpected } from './race.js';

const TOLD = ['authorization.code-redeemed', 'authorization.code-replayed', 'authorization.grant-revoked', 'token.tokens-issued'];

export const redemption: Race = {
  name: 'T19, T20: 50 redemptions of one code',
  seenBroken: /^(?:[2-9]|\d\d) of 50 redemptions succeeded$/,
  async prepare(pair) {
    const visitor = await aVisitor(pair);
    return async () => {
      const client = await aClient(pair.servers[0]);
      const code = await visitor.code(client);
      const answers = await parallel(pair, PARALLEL, (server) => redeem(server, client, code));
      const winners = succeeded(answers);
      const counts = tally(answers);
      const violations = [
        ...(winners.length === 1 ? [] : [`${String(winners.length)} of 50 redemptions succeeded`]),
        ...unexpected(counts),
        ...(await stillAlive(pair, client, winners)),
        ...(await notToldOnce(pair, client, TOLD)),
      ];
      return { counts, violations };
    };
  },
};

interface Attempt {
  /** In milliseconds since 1970, before the request left. */
  readonly sentAt: number;
  readonly answer: TokenAnswer;
}

/** Attempts come one after the other, so that some are sent before the code expires and some after. */
const GAP_MS = 4;
/** How long before the expiry the first attempt is sent, by turns: with the last of them nobody may win. */
const LEADS_MS = [100, 60, 30, 15, 5, 0];

export const expiry: Race = {
  name: 'T4: 50 redemptions around the expiry of the code',
  seenBroken: /^the code was spent after its expiry$/,
  async prepare(pair) {
    const visitor = await aVisitor(pair);
    let round = 0;
    return async () => {
      const client = await aClient(pair.servers[0], { authorization_code_lifetime: 1 });
      const code = await visitor.code(client);
      const end = ExpiringSecret.parse(code)?.expiresAt.getTime() ?? 0;
      const first = end - (LEADS_MS[round++ % LEADS_MS.length] ?? 0);
      const attempts = await parallel(pair, PARALLEL, async (server, index): Promise<Attempt> => {
        await pause(first + index * GAP_MS - Date.now());
        return { sentAt: Date.now(), answer: await redeem(server, client, code) };
      });
      const answers = attempts.map(({ answer }) => answer);
      const winners = succeeded(answers);
      const late = attempts.filter(({ sentAt, answer }) => sentAt >= end && answer.status === 200);
      const spentLate = await sql(
        pair.databaseUrl,
        'SELECT 1 FROM authorization_codes WHERE client_id = $1 AND redeemed_at >= expires_at',
        [client.client_id],
      );
      const counts = tally(answers);
      const violations = [
        ...(winners.length <= 1 ? [] : [`${String(winners.length)} of 50 redemptions succeeded`]),
        ...(late.length === 0 ? [] : [`${String(late.length)} redemptions succeeded that were sent after the expiry`]),
        ...(spentLate.length === 0 ? [] : ['the code was spent after its expiry']),
        ...unexpected(counts),
        ...(await stillAlive(pair, client, winners)),
      ];
      return { counts, violations };
    };
  },
};
