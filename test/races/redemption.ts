/** Many concurrent redemptions of one code: one succeeds, and its tokens are revoked because the others were replays (RFC 6749 §4.1.2). */
import { setTimeout as pause } from 'node:timers/promises';
import { ExpiringSecret } from '#kernel/secrets.js';
import { sql } from '#test/database.js';
import { redeem, type TokenAnswer } from '#test/flow.js';
import { aClient } from '#test/fixtures.js';
import { PARALLEL, parallel } from './pair.js';
import { aSignedInUser, notRecordedOnce, type Race, stillValid, succeeded, countOutcomes, unexpectedOutcomes } from './race.js';

const RECORDED = ['authorization.code-redeemed', 'authorization.code-replayed', 'authorization.grant-revoked', 'token.tokens-issued'];

export const redemption: Race = {
  name: 'T19, T20: 50 redemptions of one code',
  brokenViolation: /^(?:[2-9]|\d\d) of 50 redemptions succeeded$/,
  async prepare(pair) {
    const user = await aSignedInUser(pair);
    return async () => {
      const client = await aClient(pair.servers[0]);
      const code = await user.code(client);
      const answers = await parallel(pair, PARALLEL, (server) => redeem(server, client, code));
      const winners = succeeded(answers);
      const counts = countOutcomes(answers);
      const violations = [
        ...(winners.length === 1 ? [] : [`${String(winners.length)} of 50 redemptions succeeded`]),
        ...unexpectedOutcomes(counts),
        ...(await stillValid(pair, client, winners)),
        ...(await notRecordedOnce(pair, client, RECORDED)),
      ];
      return { counts, violations };
    };
  },
};

interface Attempt {
  /** The time before the request was sent, in milliseconds since 1970. */
  readonly sentAt: number;
  readonly answer: TokenAnswer;
}

/** The attempts are sent one after another, some before and some after the expiry of the code. */
const GAP_MS = 4;
/** How long before the expiry the first attempt is sent, a different time in each round. With 0 no attempt may succeed. */
const LEAD_TIMES_MS = [100, 60, 30, 15, 5, 0];

export const expiry: Race = {
  name: 'T4: 50 redemptions around the expiry of the code',
  brokenViolation: /^the code was redeemed after its expiry$/,
  async prepare(pair) {
    const user = await aSignedInUser(pair);
    let round = 0;
    return async () => {
      const client = await aClient(pair.servers[0], { authorization_code_lifetime: 1 });
      const code = await user.code(client);
      const end = ExpiringSecret.parse(code)?.expiresAt.getTime() ?? 0;
      const first = end - (LEAD_TIMES_MS[round++ % LEAD_TIMES_MS.length] ?? 0);
      const attempts = await parallel(pair, PARALLEL, async (server, index): Promise<Attempt> => {
        await pause(first + index * GAP_MS - Date.now());
        return { sentAt: Date.now(), answer: await redeem(server, client, code) };
      });
      const answers = attempts.map(({ answer }) => answer);
      const winners = succeeded(answers);
      const late = attempts.filter(({ sentAt, answer }) => sentAt >= end && answer.status === 200);
      const redeemedLate = await sql(
        pair.databaseUrl,
        'SELECT 1 FROM authorization_codes WHERE client_id = $1 AND redeemed_at >= expires_at',
        [client.client_id],
      );
      const counts = countOutcomes(answers);
      const violations = [
        ...(winners.length <= 1 ? [] : [`${String(winners.length)} of 50 redemptions succeeded`]),
        ...(late.length === 0 ? [] : [`${String(late.length)} redemptions succeeded that were sent after the expiry`]),
        ...(redeemedLate.length === 0 ? [] : ['the code was redeemed after its expiry']),
        ...unexpectedOutcomes(counts),
        ...(await stillValid(pair, client, winners)),
      ];
      return { counts, violations };
    };
  },
};
