const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Milliseconds until a delivery that failed `attempts` times is tried again: 1 s, 2 s, 4 s … 1 h. `jitter` is in [0, 1). */
export function retryPause(attempts: number, jitter: number): number {
  return grown(SECOND, HOUR, attempts, jitter);
}

/** Milliseconds until the relay looks again after `failures` rounds in which the database did not serve: 1 s … 15 s. */
export function outagePause(failures: number, jitter: number): number {
  return grown(SECOND, 15 * SECOND, failures, jitter);
}

/** Doubled each time, with up to a fifth on top so that what failed together does not come back together. */
function grown(first: number, longest: number, times: number, jitter: number): number {
  const doubled = first * 2 ** Math.max(0, times - 1);
  return Math.min(longest, Math.round(doubled * (1 + jitter / 5)));
}
