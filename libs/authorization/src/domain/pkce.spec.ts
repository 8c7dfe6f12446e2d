import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { CodeChallengeMethod } from '#kernel/protocol-names.js';
import { challengeOf, isCodeChallenge, isCodeVerifier } from './pkce.js';

/** RFC 7636, Appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

const UNRESERVED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~';
const unreserved = fc.constantFrom(...Array.from(UNRESERVED));
const verifier = fc.string({ unit: unreserved, minLength: 43, maxLength: 128 });
const s256 = (value: string) => createHash('sha256').update(value, 'ascii').digest('base64url');

describe('A20, T23: the format of code verifier and code challenge', () => {
  it.each([isCodeVerifier, isCodeChallenge])('is 43 to 128 unreserved characters (%p)', (isShaped) => {
    expect(isShaped(VERIFIER)).toBe(true);
    expect(isShaped(UNRESERVED)).toBe(true);
    expect(isShaped('a'.repeat(43))).toBe(true);
    expect(isShaped('a'.repeat(128))).toBe(true);
    expect(isShaped('a'.repeat(42))).toBe(false);
    expect(isShaped('a'.repeat(129))).toBe(false);
    expect(isShaped('')).toBe(false);
  });

  it.each(['=', '+', '/', ' ', '\n', '\0', '%', 'é', '\ud83d\ude00'])('must not contain %j', (character) => {
    const broken = ['a'.repeat(43) + character, character + 'a'.repeat(43), 'a'.repeat(22) + character + 'a'.repeat(22)];
    expect(broken.map(isCodeVerifier)).toEqual([false, false, false]);
    expect(broken.map(isCodeChallenge)).toEqual([false, false, false]);
  });

  it('depends only on length and characters', () => {
    const foreign = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
    const unit = fc.oneof({ weight: 60, arbitrary: unreserved }, { weight: 1, arbitrary: foreign });
    const value = fc.string({ unit, minLength: 40, maxLength: 131 });
    fc.assert(
      fc.property(value, (sent) => {
        const inAlphabet = Array.from(sent).every((character) => UNRESERVED.includes(character));
        const expected = inAlphabet && sent.length >= 43 && sent.length <= 128;
        expect(isCodeVerifier(sent)).toBe(expected);
        expect(isCodeChallenge(sent)).toBe(expected);
      }),
    );
  });
});

/** RFC 7636 §4.6: the request checks the format of the challenge, the redemption that of the verifier and its challenge. */
function verifierMatches(challenge: string, method: CodeChallengeMethod, sent: string): boolean {
  return isCodeChallenge(challenge) && isCodeVerifier(sent) && challengeOf(sent, method) === challenge;
}

describe('T23: a code verifier', () => {
  it('matches the challenge of RFC 7636 Appendix B', () => {
    expect(verifierMatches(CHALLENGE, 'S256', VERIFIER)).toBe(true);
    expect([challengeOf(VERIFIER, 'S256'), challengeOf(VERIFIER, 'plain')]).toEqual([CHALLENGE, VERIFIER]);
  });

  it('does not match with the other method', () => {
    expect(verifierMatches(CHALLENGE, 'plain', VERIFIER)).toBe(false);
    expect(verifierMatches(VERIFIER, 'S256', VERIFIER)).toBe(false);
    expect(verifierMatches(CHALLENGE, 'S256', CHALLENGE)).toBe(false);
  });

  it('does not match if it is malformed, even if the strings are equal', () => {
    expect(verifierMatches('short', 'plain', 'short')).toBe(false);
    expect(verifierMatches('', 'plain', '')).toBe(false);
    expect(verifierMatches(s256('short'), 'S256', 'short')).toBe(false);
  });

  it('does not match a challenge with padding', () => {
    expect(verifierMatches(`${CHALLENGE}=`, 'S256', VERIFIER)).toBe(false);
  });

  it('matches its own challenge with either method', () => {
    fc.assert(
      fc.property(verifier, (own) => {
        expect(verifierMatches(s256(own), 'S256', own)).toBe(true);
        expect(verifierMatches(own, 'plain', own)).toBe(true);
      }),
    );
  });

  it('does not match if a character is changed, added or removed', () => {
    const insertion = fc.string({ unit: unreserved, maxLength: 2 });
    fc.assert(
      fc.property(verifier, fc.nat(), fc.constantFrom(0, 1), insertion, (own, position, removed, inserted) => {
        const at = position % own.length;
        const other = own.slice(0, at) + inserted + own.slice(at + removed);
        fc.pre(other !== own);
        expect(verifierMatches(s256(own), 'S256', other)).toBe(false);
        expect(verifierMatches(own, 'plain', other)).toBe(false);
      }),
    );
  });

  it('never throws', () => {
    const any = fc.oneof(fc.string({ unit: 'binary' }), verifier);
    fc.assert(
      fc.property(any, fc.constantFrom('S256' as const, 'plain' as const), any, (challenge, method, sent) => {
        if (verifierMatches(challenge, method, sent)) expect([sent, s256(sent)]).toContain(challenge);
      }),
    );
  });
});
