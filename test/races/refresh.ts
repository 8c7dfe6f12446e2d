/** Many uses of one refresh token: one successor, the same for all within the grace period, none beyond it (RFC 9700 §4.14.2). */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from '#test/database.js';
import { refresh } from '#test/flow.js';
import { aClient, type TestClient } from '#test/fixtures.js';
import { tokensOf } from '#test/tokens.js';
import { type Pair, PARALLEL, parallel } from './pair.js';
import { aVisitor, notToldOnce, type Race, stillAlive, succeeded, tally, unexpected } from './race.js';

const TOLD = ['token.refresh-token-reused', 'authorization.grant-revoked'];

async function successorsStored({ databaseUrl }: Pair, { client_id }: TestClient): Promise<number> {
  const text = 'SELECT 1 FROM refresh_tokens WHERE grant_id IN (SELECT id FROM grants WHERE client_id = $1)';
  return (await sql(databaseUrl, text, [client_id])).length - 1;
}

export const withinGrace: Race = {
  name: 'F5, F7: 50 refreshes with one token within the grace period',
  seenBroken: /^(?:[2-9]|\d\d) successors were given$/,
  async prepare(pair) {
    const visitor = await aVisitor(pair);
    return async () => {
      const client = await aClient(pair.servers[0], { refresh_token_grace: 60 });
      const { tokens } = await visitor.tokens(client);
      const answers = await parallel(pair, PARALLEL, (server) => refresh(server, client, tokens.refresh_token));
      const counts = tally(answers);
      const given = new Set(succeeded(answers).map(({ refresh_token }) => refresh_token)).size;
      const stored = await successorsStored(pair, client);
      const violations = [
        ...(counts['tokens'] === PARALLEL ? [] : [`${String(counts['tokens'] ?? 0)} of 50 refreshes succeeded`]),
        ...(given === 1 ? [] : [`${String(given)} successors were given`]),
        ...(stored === 1 ? [] : [`${String(stored)} successors were stored`]),
      ];
      return { counts, violations };
    };
  },
};

export const withoutGrace: Race = {
  name: 'F4, F7: 50 refreshes with one token without a grace period',
  seenBroken: /^(?:[2-9]|\d\d) of 50 refreshes succeeded$/,
  async prepare(pair) {
    const visitor = await aVisitor(pair);
    return async () => {
      const client = await aClient(pair.servers[0], { refresh_token_grace: 0 });
      const { tokens } = await visitor.tokens(client);
      const answers = await parallel(pair, PARALLEL, (server) => refresh(server, client, tokens.refresh_token));
      const winners = succeeded(answers);
      const counts = tally(answers);
      const violations = [
        ...(winners.length === 1 ? [] : [`${String(winners.length)} of 50 refreshes succeeded`]),
        ...unexpected(counts),
        ...(await stillAlive(pair, client, [tokens, ...winners])),
        ...(await notToldOnce(pair, client, TOLD)),
      ];
      return { counts, violations };
    };
  },
};

const GRACE_S = 1;
/** Of the 50, every tenth reuses the old token, once the first others are under way with its successor. */
const isReuse = (index: number): boolean => index > 10 && index % 10 === 5;

export const afterGrace: Race = {
  name: 'F4: reuse after the grace period among refreshes with the successor',
  seenBroken: /still work$|is told [2-9]\d* times$/,
  async prepare(pair) {
    const visitor = await aVisitor(pair);
    return async () => {
      const client = await aClient(pair.servers[0], { refresh_token_grace: GRACE_S });
      const { tokens: first } = await visitor.tokens(client);
      const next = tokensOf(await refresh(pair.servers[0], client, first.refresh_token));
      await pause(GRACE_S * 1000 + 20);
      const answers = await parallel(pair, PARALLEL, async (server, index) => {
        await pause(2 * index);
        return refresh(server, client, isReuse(index) ? first.refresh_token : next.refresh_token);
      });
      const reused = succeeded(answers.filter((_, index) => isReuse(index))).length;
      const counts = tally(answers);
      const violations = [
        ...(reused === 0 ? [] : [`${String(reused)} reuses succeeded`]),
        ...unexpected(counts),
        ...(await stillAlive(pair, client, [first, next, ...succeeded(answers)])),
        ...(await notToldOnce(pair, client, TOLD)),
      ];
      return { counts, violations };
    };
  },
};
