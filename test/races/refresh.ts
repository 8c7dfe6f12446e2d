/** Many concurrent uses of one refresh token: all get the same successor within the grace period, none after it (RFC 9700 §4.14.2). */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from '#test/database.js';
import { refresh } from '#test/flow.js';
import { aClient, type TestClient } from '#test/fixtures.js';
import { tokensOf } from '#test/tokens.js';
import { type Pair, PARALLEL, parallel } from './pair.js';
import { aSignedInUser, notRecordedOnce, type Race, stillValid, succeeded, countOutcomes, unexpectedOutcomes } from './race.js';

const RECORDED = ['token.refresh-token-reused', 'authorization.grant-revoked'];

async function successorsStored({ databaseUrl }: Pair, { client_id }: TestClient): Promise<number> {
  const text = 'SELECT 1 FROM refresh_tokens WHERE grant_id IN (SELECT id FROM grants WHERE client_id = $1)';
  return (await sql(databaseUrl, text, [client_id])).length - 1;
}

export const withinGrace: Race = {
  name: 'F5, F7: 50 refreshes with one token within the grace period',
  brokenViolation: /^(?:[2-9]|\d\d) successors were issued$/,
  async prepare(pair) {
    const user = await aSignedInUser(pair);
    return async () => {
      const client = await aClient(pair.servers[0], { refresh_token_grace: 60 });
      const { tokens } = await user.tokens(client);
      const answers = await parallel(pair, PARALLEL, (server) => refresh(server, client, tokens.refresh_token));
      const counts = countOutcomes(answers);
      const issued = new Set(succeeded(answers).map(({ refresh_token }) => refresh_token)).size;
      const stored = await successorsStored(pair, client);
      const violations = [
        ...(counts['tokens'] === PARALLEL ? [] : [`${String(counts['tokens'] ?? 0)} of 50 refreshes succeeded`]),
        ...(issued === 1 ? [] : [`${String(issued)} successors were issued`]),
        ...(stored === 1 ? [] : [`${String(stored)} successors were stored`]),
      ];
      return { counts, violations };
    };
  },
};

export const withoutGrace: Race = {
  name: 'F4, F7: 50 refreshes with one token without a grace period',
  brokenViolation: /^(?:[2-9]|\d\d) of 50 refreshes succeeded$/,
  async prepare(pair) {
    const user = await aSignedInUser(pair);
    return async () => {
      const client = await aClient(pair.servers[0], { refresh_token_grace: 0 });
      const { tokens } = await user.tokens(client);
      const answers = await parallel(pair, PARALLEL, (server) => refresh(server, client, tokens.refresh_token));
      const winners = succeeded(answers);
      const counts = countOutcomes(answers);
      const violations = [
        ...(winners.length === 1 ? [] : [`${String(winners.length)} of 50 refreshes succeeded`]),
        ...unexpectedOutcomes(counts),
        ...(await stillValid(pair, client, [tokens, ...winners])),
        ...(await notRecordedOnce(pair, client, RECORDED)),
      ];
      return { counts, violations };
    };
  },
};

const GRACE_S = 1;
/** Every tenth of the 50 requests reuses the old token, after the first requests with its successor were sent. */
const isReuse = (index: number): boolean => index > 10 && index % 10 === 5;

export const afterGrace: Race = {
  name: 'F4: reuse after the grace period among refreshes with the successor',
  brokenViolation: /still work$|is recorded [2-9]\d* times$/,
  async prepare(pair) {
    const user = await aSignedInUser(pair);
    return async () => {
      const client = await aClient(pair.servers[0], { refresh_token_grace: GRACE_S });
      const { tokens: first } = await user.tokens(client);
      const next = tokensOf(await refresh(pair.servers[0], client, first.refresh_token));
      await pause(GRACE_S * 1000 + 20);
      const answers = await parallel(pair, PARALLEL, async (server, index) => {
        await pause(2 * index);
        return refresh(server, client, isReuse(index) ? first.refresh_token : next.refresh_token);
      });
      const reused = succeeded(answers.filter((_, index) => isReuse(index))).length;
      const counts = countOutcomes(answers);
      const violations = [
        ...(reused === 0 ? [] : [`${String(reused)} reuses succeeded`]),
        ...unexpectedOutcomes(counts),
        ...(await stillValid(pair, client, [first, next, ...succeeded(answers)])),
        ...(await notRecordedOnce(pair, client, RECORDED)),
      ];
      return { counts, violations };
    };
  },
};
