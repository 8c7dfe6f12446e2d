/** A code is redeemed once (T20), and a refresh token has one successor (F5, F7), in the answers and in the tables. */
import type { Attempt, Journal } from '../journal.js';
import type { Snapshot } from '../snapshot.js';

export function checkSingleUse(journal: Journal, { refreshTokens }: Pick<Snapshot, 'refreshTokens'>): string[] {
  return [
    ...[...journal.byKey('redeem')].flatMap(([code, attempts]) => repeatedRedemptions(code, attempts)),
    ...[...journal.byKey('refresh')].flatMap(([token, attempts]) => severalSuccessors(token, attempts)),
    ...severalUnusedTokens(refreshTokens),
  ];
}

function repeatedRedemptions(code: string, attempts: readonly Attempt[]): string[] {
  const redemptions = attempts.filter(({ outcome }) => outcome === 'done');
  return redemptions.length > 1 ? [`the code ${code} was redeemed ${redemptions.length} times`] : [];
}

function severalSuccessors(token: string, attempts: readonly Attempt[]): string[] {
  const successors = new Set(attempts.filter(({ outcome }) => outcome === 'done').map(({ issued }) => issued));
  return successors.size > 1 ? [`the refresh token ${token} has ${successors.size} successors`] : [];
}

/** Each rotation creates exactly one refresh token, so every grant has exactly one that was not rotated. */
function severalUnusedTokens(refreshTokens: Snapshot['refreshTokens']): string[] {
  const unused = new Map<string, number>();
  for (const { grant_id, rotated } of refreshTokens) unused.set(grant_id, (unused.get(grant_id) ?? 0) + (rotated ? 0 : 1));
  const wrong = [...unused].filter(([, count]) => count !== 1);
  return wrong.map(([grant, count]) => `the grant ${grant} has ${count} unused refresh tokens`);
}
