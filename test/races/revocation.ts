/** A grant is revoked while its client refreshes as fast as it can: no token of the grant works afterwards. */
import { redeem, refresh, type TokenAnswer } from '#test/flow.js';
import { aClient, type TestClient } from '#test/fixtures.js';
import type { Served } from '#test/server.js';
import { tokensOf } from '#test/tokens.js';
import { parallel } from './pair.js';
import { aSignedInUser, notRecordedOnce, type Race, stillValid, succeeded, countOutcomes, unexpectedOutcomes } from './race.js';

const REFRESHERS = 10;
/** The limit for refreshes that no revocation stops. */
const MAX_REFRESHES = 15;
/** The number of successes after which the revocation is sent, a different one in each round. */
const SUCCESSES = [20, 5, 60, 40, 1, 90];

interface Attempt {
  /** The time before the request was sent, in milliseconds since the start of the process. */
  readonly sentAt: number;
  readonly answer: TokenAnswer;
}

/** Refreshes with the newest token until a refresh is refused. */
async function refreshRepeatedly(server: Served, client: TestClient, token: string, onSuccess: () => void): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  let newest = token;
  for (let count = 0; count < MAX_REFRESHES; count++) {
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
  brokenViolation: /still work$/,
  async prepare(pair) {
    const user = await aSignedInUser(pair);
    let round = 0;
    return async () => {
      const client = await aClient(pair.servers[0]);
      const { code, tokens } = await user.tokens(client);
      let remaining = SUCCESSES[round++ % SUCCESSES.length] ?? 0;
      let revokedAt = Number.POSITIVE_INFINITY;
      let revoked: Promise<void> | undefined;
      // A replay of the code revokes the grant before the answer is sent (T19).
      const revoke = async (): Promise<void> => {
        await redeem(pair.servers[1], client, code);
        revokedAt = performance.now();
      };
      const onSuccess = (): void => {
        if (--remaining === 0) revoked = revoke();
      };
      const refreshes = await parallel(pair, REFRESHERS, (server) => refreshRepeatedly(server, client, tokens.refresh_token, onSuccess));
      const attempts = refreshes.flat();
      await revoked;
      const late = attempts.filter(({ sentAt, answer }) => sentAt > revokedAt && answer.status === 200).length;
      const answers = attempts.map(({ answer }) => answer);
      const counts = countOutcomes(answers);
      const violations = [
        ...(late === 0 ? [] : [`${String(late)} refreshes succeeded that were sent after the revocation`]),
        ...unexpectedOutcomes(counts),
        ...(await stillValid(pair, client, [tokens, ...succeeded(answers)])),
        ...(await notRecordedOnce(pair, client, ['authorization.grant-revoked'])),
      ];
      return { counts, violations };
    };
  },
};
