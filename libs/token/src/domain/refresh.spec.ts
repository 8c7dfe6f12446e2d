import fc from 'fast-check';
import { ExpiringSecret } from '#kernel/secrets.js';
import { REFRESH_CHECKS, type RefreshAttempt, refreshState, type StoredToken } from './refresh.js';

const CREATED = new Date('2026-01-02T03:04:05Z');
const after = (milliseconds: number): Date => new Date(CREATED.getTime() + milliseconds);
const NOW = after(60_000);
const SUCCESSOR = ExpiringSecret.create(NOW, 3600);
const GRANT = { clientId: 'www', createdAt: CREATED, expiresAt: after(3_600_000), scope: ['openid', 'email'] };
const ACTIVE: StoredToken = { expiresAt: after(600_000), grant: GRANT, rotation: undefined };
const ATTEMPT: RefreshAttempt = { clientId: 'www', clientCreatedAt: CREATED, lifetime: 3600, grace: 10, scope: [] };

function usedAt(at: Date, scope = ''): StoredToken {
  return { ...ACTIVE, rotation: { at, scope, successor: SUCCESSOR } };
}

function outcome(token: StoredToken | undefined, attempt: Partial<RefreshAttempt> = {}, now = NOW): string {
  const refresh = refreshState({ token, attempt: { ...ATTEMPT, ...attempt }, now });
  return refresh.state === 'refused' ? `${refresh.error.code}: ${refresh.error.description}` : refresh.state;
}

const UNKNOWN = 'invalid_grant: The refresh token is unknown, expired or revoked.';

describe('a refresh', () => {
  it('F1: is possible with a token that was not used, and answers that token', () => {
    expect(refreshState({ token: ACTIVE, attempt: ATTEMPT, now: NOW })).toEqual({ state: 'active', token: ACTIVE, lifetime: 3600 });
  });

  it('F2: may narrow the scope and never widen it', () => {
    expect(outcome(ACTIVE, { scope: ['email'] })).toBe('active');
    expect(outcome(ACTIVE, { scope: ['email', 'phone'] })).toBe('invalid_scope: The scope goes beyond the one that was granted.');
  });

  it('F3: is refused for another client, and for a client that was registered anew under the same ID', () => {
    expect(outcome(ACTIVE, { clientId: 'other' })).toBe(UNKNOWN);
    expect(outcome(ACTIVE, { clientCreatedAt: after(1) })).toBe(UNKNOWN);
    expect(outcome(usedAt(NOW), { clientId: 'other' })).toBe(UNKNOWN);
  });

  it.each([
    ['an unknown token', undefined, {}],
    ['an expired token', { ...ACTIVE, expiresAt: NOW }, {}],
    ['a revoked grant', { ...ACTIVE, grant: { ...GRANT, revokedAt: NOW } }, {}],
    ['an expired grant', { ...ACTIVE, grant: { ...GRANT, expiresAt: NOW } }, {}],
    ['a client without refresh tokens', ACTIVE, { lifetime: null }],
    ['a used token of a revoked grant', { ...usedAt(NOW), grant: { ...GRANT, revokedAt: NOW } }, {}],
  ])('is refused for %s', (_, token, attempt) => {
    expect(outcome(token, attempt)).toBe(UNKNOWN);
  });

  it('F4: reports a reuse if the token was used before, even if it has expired since', () => {
    expect(outcome(usedAt(CREATED))).toBe('reused');
    expect(outcome({ ...usedAt(CREATED), expiresAt: NOW })).toBe('reused');
    expect(outcome({ ...usedAt(NOW), rotation: { at: NOW, scope: '', successor: undefined } })).toBe('reused');
  });

  it('has checks with names of their own, each with its place in a specification', () => {
    const ids = REFRESH_CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { section } of REFRESH_CHECKS) expect(section).toMatch(/^RFC \d+ §[\d.]+$/);
  });
});

describe('F5: a second use of a token', () => {
  const times = [[0, 'repeated'], [9999, 'repeated'], [10_000, 'reused'], [60_000, 'reused']] as const;
  it.each(times)('%p ms after the first, with a grace of 10 s, is %s', (milliseconds, expected) => {
    expect(outcome(usedAt(CREATED), {}, after(milliseconds))).toBe(expected);
  });

  const scopes = [['', ['openid']], ['openid', []], ['openid email', ['email', 'openid']]] as const;
  it.each(scopes)('with scope %j, then %j, is no repetition', (first, scope) => {
    expect(outcome(usedAt(CREATED, first), { scope }, after(1))).toBe('reused');
  });

  it('is a repetition if it began before the first one had won', () => {
    expect(outcome(usedAt(after(3)), {}, CREATED)).toBe('repeated');
  });

  it('gets the same successor', () => {
    const refresh = refreshState({ token: usedAt(CREATED), attempt: ATTEMPT, now: after(1) });
    expect(refresh).toMatchObject({ state: 'repeated', successor: SUCCESSOR });
  });

  it('is never a repetition with a grace of 0, whichever of two concurrent ones began first', () => {
    fc.assert(
      fc.property(fc.integer({ min: -60_000, max: 60_000 }), (milliseconds) => {
        expect(outcome(usedAt(after(60_000)), { grace: 0 }, after(60_000 + milliseconds))).toBe('reused');
      }),
    );
  });
});
