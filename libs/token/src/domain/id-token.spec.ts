import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type IdTokenFacts, idTokenPayload } from './id-token.js';

const FACTS: IdTokenFacts = {
  jti: 'a-token',
  issuer: 'https://issuer.example',
  authorized: {
    clientId: 'www',
    sub: 'johndoe',
    scope: ['openid'],
    sid: 'a-session',
    acr: 'urn:gatehouse:authentication:html-form:username-password',
    amr: ['pwd'],
    authTime: new Date('2026-01-02T03:04:05.999Z'),
  },
  nonce: 'n-0S6_WzA2Mj',
  accessToken: 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y',
  userClaims: {},
  lifetime: 3600,
};
const NOW = new Date('2026-01-02T03:05:00.999Z');

describe('an ID token', () => {
  it('has the claims of OIDC Core §2 and those of docs/protocol.md', () => {
    const issued = Date.UTC(2026, 0, 2, 3, 5) / 1000;
    expect(idTokenPayload(FACTS, NOW)).toEqual({
      iss: 'https://issuer.example',
      sub: 'johndoe',
      aud: 'www',
      azp: 'www',
      exp: issued + 3600,
      iat: issued,
      nbf: issued,
      jti: 'a-token',
      auth_time: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000,
      acr: FACTS.authorized.acr,
      amr: ['pwd'],
      at_hash: expect.any(String),
      sid: 'a-session',
      nonce: 'n-0S6_WzA2Mj',
      purpose: 'id',
    });
  });

  it('has as at_hash the left half of the hash of the access token, in base64url (OIDC Core §3.1.3.6)', () => {
    // The value of OIDC Core, Appendix A.3, whose hash is SHA-256, too.
    expect(idTokenPayload(FACTS, NOW)['at_hash']).toBe('77QmUPtjPfzWtF2AnpK9RQ');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'X', 'Z', '0', '9', '-', '.', '_', '~'), minLength: 1 }), (accessToken) => {
        const leftHalf = createHash('sha256').update(accessToken, 'ascii').digest('hex').slice(0, 32);
        const { at_hash: hash } = idTokenPayload({ ...FACTS, accessToken }, NOW);
        expect(hash).toBe(Buffer.from(leftHalf, 'hex').toString('base64url'));
      }),
    );
  });

  it('has nonce only if one was sent', () => {
    expect(idTokenPayload({ ...FACTS, nonce: undefined }, NOW)).not.toHaveProperty('nonce');
    expect(idTokenPayload({ ...FACTS, nonce: '0' }, NOW)['nonce']).toBe('0');
  });

  it('has its own claims even if the user has claims with the same names', () => {
    const own = idTokenPayload(FACTS, NOW);
    const userClaims = Object.fromEntries([...Object.keys(own), 'email'].map((name) => [name, 'evil']));
    expect(idTokenPayload({ ...FACTS, userClaims }, NOW)).toEqual({ ...own, email: 'evil' });
  });

  it('has times in whole seconds, and expires after its lifetime', () => {
    const time = fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 86_400 }), (now, lifetime) => {
        const { iat, nbf, exp } = idTokenPayload({ ...FACTS, lifetime }, now);
        expect(Number.isInteger(iat)).toBe(true);
        expect([nbf, exp]).toEqual([iat, Number(iat) + lifetime]);
        expect(Number(iat) * 1000).toBeLessThanOrEqual(now.getTime());
      }),
    );
  });
});
