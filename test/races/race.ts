/** The type of a race, and the checks that several races share. */
import { Browser } from '#test/browser.js';
import { obtainCode, type Parameters, redeem, refresh, type TokenAnswer } from '#test/flow.js';
import { aClient, aUser, type TestClient } from '#test/fixtures.js';
import { countEvents, type Tokens, tokensOf, userinfo } from '#test/tokens.js';
import { type Pair, parallel } from './pair.js';

export interface Round {
  /** The number of each outcome. */
  readonly counts: Readonly<Record<string, number>>;
  /** One sentence for each violation. */
  readonly violations: readonly string[];
}

export interface Race {
  readonly name: string;
  /** The violation that the check must find over the broken store. */
  readonly brokenViolation: RegExp;
  /** Creates what all rounds share; the result runs one round. */
  prepare(pair: Pair): Promise<() => Promise<Round>>;
}

/** A user with a session who obtains codes for any client. */
export interface SignedInUser {
  code(client: TestClient, parameters?: Parameters): Promise<string>;
  /** A new code, and the tokens that it was redeemed for. */
  tokens(client: TestClient): Promise<{ readonly code: string; readonly tokens: Tokens }>;
}

export async function aSignedInUser({ servers: [server] }: Pair): Promise<SignedInUser> {
  const user = await aUser(server);
  const browser = new Browser(server.url);
  const code = (client: TestClient): Promise<string> => obtainCode({ server, client, user, browser });
  // The first flow starts the session, in which later codes are issued.
  await code(await aClient(server));
  return {
    code,
    tokens: async (client) => {
      const issued = await code(client);
      return { code: issued, tokens: tokensOf(await redeem(server, client, issued)) };
    },
  };
}

export function succeeded(answers: readonly TokenAnswer[]): Tokens[] {
  return answers.filter(({ status }) => status === 200).map(tokensOf);
}

/** The number of answers by outcome: `tokens`, or the error, with its status if that is not 400. */
export function countOutcomes(answers: readonly TokenAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const outcome = status === 200 ? 'tokens' : status === 400 ? String(body['error']) : `${String(status)} ${String(body['error'])}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** A request that gets no tokens must get an `invalid_grant`. */
export function unexpectedOutcomes(counts: Readonly<Record<string, number>>): string[] {
  const unexpected = Object.keys(counts).filter((outcome) => outcome !== 'tokens' && outcome !== 'invalid_grant');
  return unexpected.map((outcome) => `${String(counts[outcome])} requests were answered with ${outcome}`);
}

/** Tries every access token and every refresh token of a grant that must be revoked; a sentence for each kind that still works. */
export async function stillValid(pair: Pair, client: TestClient, tokens: readonly Tokens[]): Promise<string[]> {
  const access = await parallel(pair, tokens.length, (server, index) => userinfo(server, tokens[index]?.access_token ?? ''));
  const refreshTokens = [...new Set(tokens.map(({ refresh_token }) => refresh_token))];
  const refreshed = await parallel(pair, refreshTokens.length, (server, index) => refresh(server, client, refreshTokens[index] ?? ''));
  const works = (answers: readonly TokenAnswer[]): number => answers.filter(({ status }) => status === 200).length;
  return [
    ...(works(access) > 0 ? [`${String(works(access))} of ${String(access.length)} access tokens still work`] : []),
    ...(works(refreshed) > 0 ? [`${String(works(refreshed))} of ${String(refreshed.length)} refresh tokens still work`] : []),
  ];
}

/** A sentence for each event about the client that is not recorded exactly once. */
export async function notRecordedOnce({ servers: [server] }: Pair, client: TestClient, types: readonly string[]): Promise<string[]> {
  const counts = await Promise.all(types.map((type) => countEvents(server, type, client.client_id)));
  return types.flatMap((type, index) => (counts[index] === 1 ? [] : [`${type} is recorded ${String(counts[index])} times`]));
}
