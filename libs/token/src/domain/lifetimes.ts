import type { Client } from '#client-registry/contracts.js';

const TEN_YEARS_S = 10 * 365 * 24 * 60 * 60;

/** Seconds that a new grant lives at most. One without refresh tokens ends with its access token. */
export function grantLifetime(client: Client): number {
  if (client.refresh_token_lifetime === null) return client.access_token_lifetime;
  return client.refresh_token_absolute_lifetime ?? TEN_YEARS_S;
}

/** Seconds that a new access token lives: not beyond its grant. */
export function accessTokenLifetime(client: Client, grantExpiresAt: Date | undefined, now: Date): number {
  const remaining = grantExpiresAt === undefined ? Infinity : Math.floor((grantExpiresAt.getTime() - now.getTime()) / 1000);
  return Math.min(client.access_token_lifetime, remaining);
}
