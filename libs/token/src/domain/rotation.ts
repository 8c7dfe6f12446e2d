/** A refresh token that was rotated, and how it is presented again. */
export interface Reuse {
  readonly rotatedAt: Date;
  /** The `scope` parameter of the refresh that rotated it, and of this one. */
  readonly rotatedScope: string;
  readonly requestedScope: string;
  /** Seconds; 0 = none. */
  readonly grace: number;
  readonly now: Date;
}

/**
 * Whether the second use is the same request again, whose answer was lost or crossed another one, rather than a theft
 * (RFC 9700 §4.14.2 leaves the grace to the server): then it gets the same successor.
 */
export function isRepetition({ rotatedAt, rotatedScope, requestedScope, grace, now }: Reuse): boolean {
  // Of two uses at once, the one that lost may have begun first: then `now` lies before `rotatedAt`, grace or not.
  const within = grace > 0 && now.getTime() - rotatedAt.getTime() < grace * 1000;
  return within && requestedScope === rotatedScope;
}
