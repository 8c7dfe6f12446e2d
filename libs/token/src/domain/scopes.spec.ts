import fc from 'fast-check';
import { ADMINISTRATION_SCOPES } from '#client-registry/contracts.js';
import { audienceOf, needsUser } from './scopes.js';

const ISSUER = 'https://issuer.example';
const ADMINISTRATION = `${ISSUER}/admin/v1`;

describe('a scope', () => {
  it.each(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])('%s is about a user', (scope) => {
    expect(needsUser(scope)).toBe(true);
  });

  it.each(['read', 'OpenID', '', 'constructor', ...ADMINISTRATION_SCOPES])('%j is not about a user', (scope) => {
    expect(needsUser(scope)).toBe(false);
  });
});

describe('the audience of a token', () => {
  it.each([
    [[], [ISSUER]],
    [['openid'], [ISSUER]],
    [['read'], [ISSUER]],
    [['clients:read'], [ADMINISTRATION]],
    [['clients:read', 'events:write'], [ADMINISTRATION]],
    [['clients:read', 'read'], [ISSUER, ADMINISTRATION]],
    [['clients:readx'], [ISSUER]],
  ])('of scope %j is %j', (scope, audience) => {
    expect(audienceOf(scope, ISSUER)).toEqual(audience);
  });

  it('includes the administration API if and only if the scope has one of its scopes, and is never empty', () => {
    const token = fc.constantFrom('openid', 'read', ...ADMINISTRATION_SCOPES);
    fc.assert(
      fc.property(fc.uniqueArray(token), (scope) => {
        const audience = audienceOf(scope, ISSUER);
        const administers = scope.some((each) => each.includes(':'));
        expect(audience.includes(ADMINISTRATION)).toBe(administers);
        expect(audience.includes(ISSUER)).toBe(scope.length === 0 || scope.some((each) => !each.includes(':')));
        expect(audience.length).toBeGreaterThan(0);
      }),
    );
  });
});
