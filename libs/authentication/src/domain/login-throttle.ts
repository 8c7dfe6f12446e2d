/** How guesses of one kind are slowed down; times in seconds. */
export interface Limits {
  /** Attempts in a row that cost no pause. */
  readonly free: number;
  /** The first pause; each further attempt doubles it. */
  readonly firstPause: number;
  readonly longestPause: number;
  /** Time after which one attempt is forgotten. */
  readonly forgetting: number;
}

/**
 * For one account. The longest pause is short: whoever guesses at an account may delay its owner, never lock the owner out.
 * A single guesser is stopped by the limits of the address long before.
 */
export const ACCOUNT: Limits = { free: 10, firstPause: 1, longestPause: 60, forgetting: 300 };

/** For one address, behind which a whole office may sit: more than an account, and pauses that let it work again soon. */
export const ADDRESS: Limits = { free: 100, firstPause: 1, longestPause: 300, forgetting: 60 };

/** Accounts created from one address; success does not give the attempt back. */
export const SIGN_UP: Limits = { free: 100, firstPause: 1, longestPause: 900, forgetting: 60 };

/** Seconds to wait after the `attempts`-th unforgotten attempt. */
export function pauseAfter(attempts: number, limits: Limits): number {
  if (attempts < limits.free) return 0;
  return Math.min(limits.longestPause, limits.firstPause * 2 ** (attempts - limits.free));
}

/** The pauses after 1, 2, … attempts, up to the first of the longest: further attempts add nothing. */
export function pauses(limits: Limits): readonly number[] {
  const doublings = Math.ceil(Math.log2(limits.longestPause / limits.firstPause));
  return Array.from({ length: limits.free + doublings }, (_, index) => pauseAfter(index + 1, limits));
}

/** What counts as one address: an IPv4 address, or the /64 network of an IPv6 address, which is what one household has. */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return address.includes(':') ? `${ipv6Network(address)}::/64` : address;
}

function ipv6Network(address: string): string {
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted quad at the end stands for two groups; neither of them is among the first four.
  const groups = before.length + after.length + (address.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':');
}
