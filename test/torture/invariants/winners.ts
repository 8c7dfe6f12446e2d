/** No code has two winners (T20), no refresh token two successors (F5, F7): as clients saw it, and as it is stored. */
import type { Attempt, Journal } from '../journal.js';
import type { Stored } from '../stored.js';

export function judgeWinners(journal: Journal, { refreshTokens }: Pick<Stored, 'refreshTokens'>): string[] {
  return [
    ...[...journal.byKey('redeem')].flatMap(([code, attempts]) => twoWinners(code, attempts)),
    ...[...journal.byKey('refresh')].flatMap(([token, attempts]) => twoSuccessors(token, attempts)),
    ...storedSuccessors(refreshTokens),
  ];
}

function twoWinners(code: string, attempts: readonly Attempt[]): string[] {
  const winners = attempts.filter(({ outcome }) => outcome === 'done');
  return winners.length > 1 ? [`the code ${code} was redeemed ${winners.length} times`] : [];
}

function twoSuccessors(token: string, attempts: readonly Attempt[]): string[] {
  const successors = new Set(attempts.filter(({ outcome }) => outcome === 'done').map(({ brought }) => brought));
  return successors.size > 1 ? [`the refresh token ${token} has ${successors.size} successors`] : [];
}

/** Each rotation makes exactly one token, so that a grant always has one that was not rotated. */
function storedSuccessors(refreshTokens: Stored['refreshTokens']): string[] {
  const fresh = new Map<string, number>();
  for (const { grant_id, rotated } of refreshTokens) fresh.set(grant_id, (fresh.get(grant_id) ?? 0) + (rotated ? 0 : 1));
  const wrong = [...fresh].filter(([, tips]) => tips !== 1);
  return wrong.map(([grant, tips]) => `the grant ${grant} has ${tips} refresh tokens that were not used`);
}
