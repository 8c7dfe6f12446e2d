import { OAuthError } from '#kernel/errors.js';
import { challengeOf } from './pkce.js';
import { checkRedemption, type IssuedCode, REDEMPTION_CHECKS, type RedemptionAttempt } from './redemption.js';

const URI = 'https://client.example/callback';
const VERIFIER = 'v'.repeat(43);
const UNKNOWN = 'The code is unknown or has expired.';
const CREATED = new Date('2030-01-01T12:00:00Z');
const NOW = new Date(CREATED.getTime() + 30_000);
const CODE: IssuedCode = { clientId: 'www', issuedAt: CREATED, expiresAt: new Date(CREATED.getTime() + 60_000), redirectUri: URI };
const ATTEMPT: RedemptionAttempt = { clientId: 'www', clientCreatedAt: CREATED, redirectUri: URI, codeVerifier: undefined };
const WITH_CHALLENGE: IssuedCode = { ...CODE, codeChallenge: challengeOf(VERIFIER, 'S256'), codeChallengeMethod: 'S256' };

function refusal(code: IssuedCode | undefined, attempt: RedemptionAttempt, now = NOW): string | undefined {
  const checked = checkRedemption({ code, attempt, now });
  return checked instanceof OAuthError ? `${checked.code}: ${checked.description}` : undefined;
}

describe('a redemption', () => {
  it('T4: is refused for an unknown code, and another client learns nothing about a known one', () => {
    expect(refusal(undefined, ATTEMPT)).toBe(`invalid_grant: ${UNKNOWN}`);
    const wrongInEverything = { ...ATTEMPT, clientId: 'thief', redirectUri: 'https://thief.example/', codeVerifier: 'v' };
    expect(refusal(WITH_CHALLENGE, wrongInEverything)).toBe(`invalid_grant: ${UNKNOWN}`);
    const older = { ...WITH_CHALLENGE, issuedAt: new Date(CREATED.getTime() - 1), redeemedAt: new Date(0) };
    expect(refusal(older, ATTEMPT)).toBe(`invalid_grant: ${UNKNOWN}`);
  });

  it('T4: is refused from the moment at which the code expires', () => {
    expect(refusal(CODE, ATTEMPT, new Date(CODE.expiresAt.getTime() - 1))).toBeUndefined();
    expect(refusal(CODE, ATTEMPT, CODE.expiresAt)).toBe(`invalid_grant: ${UNKNOWN}`);
  });

  it('T5: is refused if redirect_uri is missing or another one', () => {
    expect(refusal(CODE, { ...ATTEMPT, redirectUri: undefined })).toMatch(/redirect_uri is required/);
    expect(refusal(CODE, { ...ATTEMPT, redirectUri: `${URI}/` })).toMatch(/another one/);
  });

  it('T6: is refused if redirect_uri was sent although the authorization request had none', () => {
    expect(refusal({ ...CODE, redirectUri: undefined }, ATTEMPT)).toMatch(/not in the authorization request/);
  });

  it('T23: is refused if code_verifier is missing, wrong, or was not called for', () => {
    expect(refusal(WITH_CHALLENGE, ATTEMPT)).toBe('invalid_grant: code_verifier is required.');
    expect(refusal(WITH_CHALLENGE, { ...ATTEMPT, codeVerifier: 'w'.repeat(43) })).toMatch(/does not fit/);
    expect(refusal(CODE, { ...ATTEMPT, codeVerifier: VERIFIER })).toMatch(/had no code_challenge/);
    expect(refusal(WITH_CHALLENGE, { ...ATTEMPT, codeVerifier: 'v' })).toMatch(/43 to 128 characters/);
  });

  it('T23: passes with the verifier of an S256 and of a plain challenge', () => {
    expect(refusal(WITH_CHALLENGE, { ...ATTEMPT, codeVerifier: VERIFIER })).toBeUndefined();
    const plain = { ...CODE, codeChallenge: VERIFIER, codeChallengeMethod: 'plain' } as const;
    expect(refusal(plain, { ...ATTEMPT, codeVerifier: VERIFIER })).toBeUndefined();
  });

  it('passes if everything fits, and answers the code itself', () => {
    expect(checkRedemption({ code: CODE, attempt: ATTEMPT, now: NOW })).toBe(CODE);
  });

  it('T19: is refused for a redeemed code, whatever else does not fit', () => {
    const redeemedAt = new Date(0);
    expect(refusal({ ...WITH_CHALLENGE, redeemedAt }, { ...ATTEMPT, redirectUri: undefined })).toMatch(/redeemed before/);
    expect(refusal({ ...CODE, redeemedAt }, { ...ATTEMPT, clientId: 'thief' })).toBe(`invalid_grant: ${UNKNOWN}`);
  });

  it('is explained in the characters of error_description (RFC 6749 §5.2)', () => {
    const verifiers = [{ ...ATTEMPT, codeVerifier: 'v' }, { ...ATTEMPT, codeVerifier: VERIFIER }];
    const attempts = [ATTEMPT, { ...ATTEMPT, redirectUri: undefined }, { ...ATTEMPT, redirectUri: 'x' }, ...verifiers];
    const codes = [undefined, CODE, WITH_CHALLENGE, { ...CODE, redirectUri: undefined }, { ...CODE, redeemedAt: new Date(0) }];
    const refusals = codes.flatMap((code) => attempts.map((attempt) => refusal(code, attempt) ?? 'none'));
    for (const text of refusals) expect(text).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  it('has checks with names of their own, each with its place in a specification', () => {
    const ids = REDEMPTION_CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { section } of REDEMPTION_CHECKS) expect(section).toMatch(/^RFC \d+ §[\d.]+$/);
  });
});
