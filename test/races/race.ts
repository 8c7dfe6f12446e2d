/** What all races have in common: how one is run, and what is asked again and again when it is over. */
import { Browser } from '#test/browser.js';
import { obtainCode, type Parameters, redeem, refresh, type TokenAnswer } from '#test/flow.js';
import { aClient, aUser, type TestClient } from '#test/fixtures.js';
import { countEvents, type Tokens, tokensOf, userinfo } from '#test/tokens.js';
import { type Pair, parallel } from './pair.js';

export interface Round {
  /** How often each outcome came. */
  readonly counts: Readonly<Record<string, number>>;
  /** A sentence for each promise that was broken; none, where all is well. */
  readonly violations: readonly string[];
}

export interface Race {
  readonly name: string;
  /** What the same check says at least once over the broken store. */
  readonly seenBroken: RegExp;
  /** Makes what all its rounds share, and answers how to run one. */
  prepare(pair: Pair): Promise<() => Promise<Round>>;
}

/** A user with a session, who sends any client a code. */
export interface Visitor {
  code(client: TestClient, parameters?: Parameters): Promise<string>;
  /** A code and the tokens for it. */
  tokens(client: TestClient): Promise<{ readonly code: string; readonly tokens: Tokens }>;
}

export async function aVisitor({ servers: [server] }: Pair): Promise<Visitor> {
  const user = await aUser(server);
  const browser = new Browser(server.url);
  const code = (client: TestClient): Promise<string> => obtainCode({ server, client, user, browser });
  // The session that later codes come from.
  await code(await aClient(server));
  return {
    code,
    tokens: async (client) => {
      const sent = await code(client);
      return { code: sent, tokens: tokensOf(await redeem(server, client, sent)) };
    },
  };
}

export function succeeded(answers: readonly TokenAnswer[]): Tokens[] {
  return answers.filter(({ status }) => status === 200).map(tokensOf);
}

/** In a word what each answer was, counted: `tokens`, or the status with the error. */
export function tally(answers: readonly TokenAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const outcome = status === 200 ? 'tokens' : status === 400 ? String(body['error']) : `${String(status)} ${String(body['error'])}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** Whoever gets no tokens is told so properly. */
export function unexpected(counts: Readonly<Record<string, number>>): string[] {
  const strange = Object.keys(counts).filter((outcome) => outcome !== 'tokens' && outcome !== 'invalid_grant');
  return strange.map((outcome) => `${String(counts[outcome])} were answered by ${outcome}`);
}

/** A sentence for each kind of token of a grant that should be dead, and is not: every access token and every refresh token is tried. */
export async function stillAlive(pair: Pair, client: TestClient, tokens: readonly Tokens[]): Promise<string[]> {
  const access = await parallel(pair, tokens.length, (server, index) => userinfo(server, tokens[index]?.access_token ?? ''));
  const refreshTokens = [...new Set(tokens.map(({ refresh_token }) => refresh_token))];
  const refreshed = await parallel(pair, refreshTokens.length, (server, index) => refresh(server, client, refreshTokens[index] ?? ''));
  const works = (answers: readonly TokenAnswer[]): number => answers.filter(({ status }) => status === 200).length;
  return [
    ...(works(access) > 0 ? [`${String(works(access))} of ${String(access.length)} access tokens still work`] : []),
    ...(works(refreshed) > 0 ? [`${String(works(refreshed))} of ${String(refreshed.length)} refresh tokens still work`] : []),
  ];
}

/** A sentence for each fact about the client that is not recorded exactly once. */
export async function notToldOnce({ servers: [server] }: Pair, client: TestClient, types: readonly string[]): Promise<string[]> {
  const counts = await Promise.all(types.map((type) => countEvents(server, type, client.client_id)));
  return types.flatMap((type, index) => (counts[index] === 1 ? [] : [`${type} is told ${String(counts[index])} times`]));
}
