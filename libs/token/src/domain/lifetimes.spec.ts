import fc from 'fast-check';
import type { Client } from '#client-registry/contracts.js';
import { accessTokenLifetime, grantLifetime } from './lifetimes.js';

const CLIENT = { access_token_lifetime: 300, refresh_token_lifetime: 3600, refresh_token_absolute_lifetime: 86_400 } as Client;
const NOW = new Date('2026-01-02T03:04:05.500Z');
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

describe('F6: the lifetime of a grant', () => {
  it('is refresh_token_absolute_lifetime, even if that is shorter than access_token_lifetime', () => {
    expect(grantLifetime(CLIENT)).toBe(86_400);
    expect(grantLifetime({ ...CLIENT, refresh_token_absolute_lifetime: 60 })).toBe(60);
  });

  it('is years without refresh_token_absolute_lifetime', () => {
    expect(grantLifetime({ ...CLIENT, refresh_token_absolute_lifetime: null })).toBeGreaterThan(365 * 86_400);
  });

  it('is that of its access token if no refresh token is issued', () => {
    expect(grantLifetime({ ...CLIENT, refresh_token_lifetime: null })).toBe(300);
  });
});

describe('R12: the lifetime of an access token', () => {
  it('is access_token_lifetime of the client', () => {
    expect(accessTokenLifetime(CLIENT, undefined, NOW)).toBe(300);
    expect(accessTokenLifetime(CLIENT, later(86_400), NOW)).toBe(300);
  });

  it.each([[100, 100], [99.9, 99], [0.5, 0]])('ends with its grant, which expires in %p s: %p s', (left, lifetime) => {
    expect(accessTokenLifetime(CLIENT, later(left), NOW)).toBe(lifetime);
  });

  it('is in whole seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 86_400 }), fc.integer({ min: 0, max: 10 ** 8 }), (configured, left) => {
        const lifetime = accessTokenLifetime({ ...CLIENT, access_token_lifetime: configured }, later(left / 1000), NOW);
        expect(Number.isInteger(lifetime)).toBe(true);
        expect(lifetime).toBeLessThanOrEqual(Math.min(configured, left / 1000));
      }),
    );
  });
});
