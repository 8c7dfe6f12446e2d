/** All races. Over the sound store every round must pass; over the broken store a round must fail. */
import { administrators } from './administrators.js';
import { firstStart } from './first-start.js';
import type { Pair } from './pair.js';
import type { Race } from './race.js';
import { expiry, redemption } from './redemption.js';
import { afterGrace, withinGrace, withoutGrace } from './refresh.js';
import { revocation } from './revocation.js';
import { signUp } from './sign-up.js';

export const RACES: readonly Race[] = [
  redemption, expiry, withinGrace, withoutGrace, revocation, afterGrace, signUp, administrators, firstStart,
];

export interface Result {
  readonly rounds: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** Runs the race `rounds` times, or until `enough` is true of the violations so far. */
export async function run(
  race: Race,
  pair: Pair,
  { rounds, enough = () => false }: { readonly rounds: number; readonly enough?: (violations: readonly string[]) => boolean },
): Promise<Result> {
  const round = await race.prepare(pair);
  const counts: Record<string, number> = {};
  const violations: string[] = [];
  let done = 0;
  while (done < rounds && !enough(violations)) {
    const result = await round();
    done++;
    violations.push(...result.violations);
    for (const [outcome, count] of Object.entries(result.counts)) counts[outcome] = (counts[outcome] ?? 0) + count;
  }
  return { rounds: done, counts, violations };
}

const MAX_BROKEN_ROUNDS = 10;

/** Runs the race over the broken store until its check has found the expected violation. */
export function runUntilViolation(race: Race, pair: Pair): Promise<Result> {
  const enough = (violations: readonly string[]): boolean => violations.some((violation) => race.brokenViolation.test(violation));
  return run(race, pair, { rounds: MAX_BROKEN_ROUNDS, enough });
}
