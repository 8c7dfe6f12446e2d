import { whyRefused } from './why-refused.js';

const URI = 'https://client.example/callback';
const VERIFIER = 'v'.repeat(43);
const GONE = 'The code is unknown or has expired.';
const CREATED = new Date('2030-01-01T12:00:00Z');
const ISSUED = { clientId: 'www', issuedAt: CREATED, redirectUri: URI, codeChallenge: undefined, redeemedAt: undefined };
const ATTEMPT = { clientId: 'www', clientCreatedAt: CREATED, redirectUri: URI, codeVerifier: undefined };
const WITH_CHALLENGE = { ...ISSUED, codeChallenge: { challenge: 'c', method: 'S256' } } as const;

describe('the reason of a refused redemption', () => {
  it('T4: the code is unknown; another client gets the same reason', () => {
    expect(whyRefused(undefined, ATTEMPT)).toBe(GONE);
    const wrongInEverything = { ...ATTEMPT, clientId: 'thief', redirectUri: 'https://thief.example/', codeVerifier: 'v' };
    expect(whyRefused(WITH_CHALLENGE, wrongInEverything)).toBe(GONE);
    const older = { ...WITH_CHALLENGE, issuedAt: new Date(CREATED.getTime() - 1), redeemedAt: new Date(0) };
    expect(whyRefused(older, ATTEMPT)).toBe(GONE);
  });

  it('T5: redirect_uri is missing or another one', () => {
    expect(whyRefused(ISSUED, { ...ATTEMPT, redirectUri: undefined })).toMatch(/redirect_uri is required/);
    expect(whyRefused(ISSUED, { ...ATTEMPT, redirectUri: `${URI}/` })).toMatch(/another one/);
  });

  it('T6: redirect_uri was sent although the authorization request had none', () => {
    expect(whyRefused({ ...ISSUED, redirectUri: undefined }, ATTEMPT)).toMatch(/not in the authorization request/);
  });

  it('T23: code_verifier is missing, wrong, or sent without a challenge', () => {
    expect(whyRefused(WITH_CHALLENGE, ATTEMPT)).toBe('code_verifier is required.');
    expect(whyRefused(WITH_CHALLENGE, { ...ATTEMPT, codeVerifier: VERIFIER })).toMatch(/does not fit/);
    expect(whyRefused(ISSUED, { ...ATTEMPT, codeVerifier: VERIFIER })).toMatch(/had no code_challenge/);
    expect(whyRefused(WITH_CHALLENGE, { ...ATTEMPT, codeVerifier: 'v' })).toMatch(/43 to 128 characters/);
  });

  it('T4: everything matches, so the code was redeemed or expired in the meantime', () => {
    expect(whyRefused(ISSUED, ATTEMPT)).toBe(GONE);
  });

  it('T19: the code was redeemed before, whatever else is wrong', () => {
    const redeemedAt = new Date(0);
    expect(whyRefused({ ...WITH_CHALLENGE, redeemedAt }, { ...ATTEMPT, redirectUri: undefined })).toMatch(/redeemed before/);
    expect(whyRefused({ ...ISSUED, redeemedAt }, { ...ATTEMPT, clientId: 'thief' })).toBe(GONE);
  });

  it('has only characters of error_description (RFC 6749 §5.2)', () => {
    const verifiers = [{ ...ATTEMPT, codeVerifier: 'v' }, { ...ATTEMPT, codeVerifier: VERIFIER }];
    const attempts = [ATTEMPT, { ...ATTEMPT, redirectUri: undefined }, { ...ATTEMPT, redirectUri: 'x' }, ...verifiers];
    const others = [{ ...ISSUED, redirectUri: undefined }, { ...ISSUED, redeemedAt: new Date(0) }];
    const codes = [undefined, ISSUED, WITH_CHALLENGE, ...others];
    const reasons = codes.flatMap((issued) => attempts.map((attempt) => whyRefused(issued, attempt)));
    for (const text of reasons) expect(text).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  });
});
