import fc from 'fast-check';
import type { Client } from '#client-registry/contracts.js';
import { accessTokenLifetime, grantLifetime } from './lifetimes.js';

const CLIENT = { access_token_lifetime: 300, refresh_token_lifetime: 3600, refresh_token_absolute_lifetime: 86_400 } as Client;
const NOW = new Date('2026-01-02T03:04:05.500Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('F6: a grant lives', () => {
  it('as long as its absolute lifetime says, be it shorter than that of an access token', () => {
    expect(grantLifetime(CLIENT)).toBe(86_400);
    expect(grantLifetime({ ...CLIENT, refresh_token_absolute_lifetime: 60 })).toBe(60);
  });

  it('for years where it has no such end', () => {
    expect(grantLifetime({ ...CLIENT, refresh_token_absolute_lifetime: null })).toBeGreaterThan(365 * 86_400);
  });

  it('as long as its access token where no refresh token is issued', () => {
    expect(grantLifetime({ ...CLIENT, refresh_token_lifetime: null })).toBe(300);
  });
});

describe('R12: an access token lives', () => {
  it('as long as its client has it', () => {
    expect(accessTokenLifetime(CLIENT, undefined, NOW)).toBe(300);
    expect(accessTokenLifetime(CLIENT, later(86_400), NOW)).toBe(300);
  });

  it.each([[100, 100], [99.9, 99], [0.5, 0]])('not beyond its grant, which has %p s left: %p s', (left, lifetime) => {
    expect(accessTokenLifetime(CLIENT, later(left), NOW)).toBe(lifetime);
  });

  it('whole seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), fc.integer({ min: 0, max: 10 ** 8 }), (configured, left) => {
        const lifetime = accessTokenLifetime({ ...CLIENT, access_token_lifetime: configured }, later(left / 1000), NOW);
        expect(Number.isInteger(lifetime)).toBe(true);
        expect(lifetime).toBeLessThanOrEqual(Math.min(configured, left / 1000));
      }),
    );
  });
});
