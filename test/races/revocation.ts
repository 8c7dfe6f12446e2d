/** A grant is revoked while its client refreshes as fast as it can: whatever was in flight, nothing of the grant survives. */
import { redeem, refresh, type TokenAnswer } from '#test/flow.js';
import { aClient, type TestClient } from '#test/fixtures.js';
import type { Served } from '#test/server.js';
import { tokensOf } from '#test/tokens.js';
import { parallel } from './pair.js';
import { aVisitor, notToldOnce, type Race, stillAlive, succeeded, tally, unexpected } from './race.js';

const REFRESHERS = 10;
/** So that those come to an end, too, that nobody stops. */
const MOST_REFRESHES = 15;
/** After how many successes the revocation is sent, by turns. */
const SUCCESSES = [20, 5, 60, 40, 1, 90];

interface Attempt {
  /** In milliseconds since the process began, before the request left. */
  readonly sentAt: number;
  readonly answer: TokenAnswer;
}

/** Refreshes with the newest token that it was given, until it is refused. */
async function refreshOn(server: Served, client: TestClient, token: string, onSuccess: () => void): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  let newest = token;
  for (let count = 0; count < MOST_REFRESHES; count++) {
    const sentAt = performance.now();
    const answer = await refresh(server, client, newest);
    attempts.push({ sentAt, answer });
    if (answer.status !== 200) break;
    newest = tokensOf(answer).refresh_token;
    onSuccess();
  }
  return attempts;
}

export const revocation: Race = {
  name: 'F7: refreshes against the revocation of their grant',
  seenBroken: /still work$/,
  async prepare(pair) {
    const visitor = await aVisitor(pair);
    let round = 0;
    return async () => {
      const client = await aClient(pair.servers[0]);
      const { code, tokens } = await visitor.tokens(client);
      let awaited = SUCCESSES[round++ % SUCCESSES.length] ?? 0;
      let revokedAt = Number.POSITIVE_INFINITY;
      let revoked: Promise<void> | undefined;
      // A replay of the code revokes the grant before it is answered (T19).
      const revoke = async (): Promise<void> => {
        await redeem(pair.servers[1], client, code);
        revokedAt = performance.now();
      };
      const onSuccess = (): void => {
        if (--awaited === 0) revoked = revoke();
      };
      const attempts = (await parallel(pair, REFRESHERS, (server) => refreshOn(server, client, tokens.refresh_token, onSuccess))).flat();
      await revoked;
      const late = attempts.filter(({ sentAt, answer }) => sentAt > revokedAt && answer.status === 200).length;
      const answers = attempts.map(({ answer }) => answer);
      const counts = tally(answers);
      const violations = [
        ...(late === 0 ? [] : [`${String(late)} refreshes succeeded that were sent after the revocation`]),
        ...unexpected(counts),
        ...(await stillAlive(pair, client, [tokens, ...succeeded(answers)])),
        ...(await notToldOnce(pair, client, ['authorization.grant-revoked'])),
      ];
      return { counts, violations };
    };
  },
};
