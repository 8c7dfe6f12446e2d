import type { OAuthError } from './errors.js';

/**
 * One rule, with a name and its place in a specification. A list of checks is the order in which they run, so that a request can
 * be refused and explained from the same list.
 */
export interface Check<Facts, Refusal = OAuthError> {
  /** Stable: documentation and traces name the check by it. */
  readonly id: string;
  /** Such as `RFC 6749 §4.1.3`. */
  readonly section: string;
  /** The error that the facts lead to; undefined if they pass. Pure. */
  readonly error: (facts: Facts) => Refusal | undefined;
}

/** The error of the first check that the facts do not pass; undefined if they pass all of them. */
export function firstError<Facts, Refusal>(checks: readonly Check<Facts, Refusal>[], facts: Facts): Refusal | undefined {
  for (const check of checks) {
    const error = check.error(facts);
    if (error !== undefined) return error;
  }
  return undefined;
}
