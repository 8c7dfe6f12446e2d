import fc from 'fast-check';
import type { Session } from '#authentication/contracts.js';
import { aRegisteredClient, aRequest, aSession, NOW } from '#test/domain-fixtures.js';
import { type Prompt, PROMPTS } from '#kernel/protocol-names.js';
import { asksForConsent, type Decision, type Facts, nextStep } from './next-step.js';

type Given = Partial<Omit<Facts, 'request' | 'client'>> & {
  readonly request?: Parameters<typeof aRequest>[0];
  readonly client?: Parameters<typeof aRegisteredClient>[0];
};

/** The browser came with the session that it has now, unless `given` says otherwise. */
function facts({ request, client, ...given }: Given): Facts {
  const session = 'session' in given ? given.session : aSession();
  return {
    initialSid: session?.sid,
    begunAt: undefined,
    consented: undefined,
    now: NOW,
    ...given,
    session,
    request: aRequest(request),
    client: aRegisteredClient(client),
  };
}

function outcome(given: Given): string {
  const decision = nextStep(facts(given));
  return decision.next === 'refuse' ? decision.error : decision.next;
}

const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const asking = { require_consent: true };
const anonymous = { session: undefined };
/** Came as `first`, and has logged in since. */
const loggedInAnew = { session: aSession({ sid: 'second', authTime: NOW }), initialSid: 'first' };
/** Came without the cookie of a session that it has had for ten minutes. */
const hidden = { initialSid: undefined, begunAt: ago(300) };

const TABLE: readonly [rule: string, expected: string, given: Given][] = [
  ['A12: nobody is logged in', 'login', anonymous],
  ['A12: somebody logged in since the request came', 'issue', { initialSid: undefined }],
  ['A13: somebody was logged in already', 'issue', {}],
  ['A13: nobody is logged in, and nothing may be shown', 'login_required', { ...anonymous, request: { prompts: ['none'] } }],
  ['A13: somebody is logged in, and nothing needs to be shown', 'issue', { request: { prompts: ['none'] } }],

  ['A13: the login is older than max_age', 'login', { request: { maxAge: 599 } }],
  ['A13: the login is as old as max_age', 'issue', { request: { maxAge: 600 } }],
  ['A13: the login is younger than max_age', 'issue', { request: { maxAge: 601 } }],
  ['A13: the login is older than max_age, and nothing may be shown', 'login_required', { request: { maxAge: 599, prompts: ['none'] } }],
  ['A13: max_age 0 after a login in this very moment', 'login', { session: aSession({ authTime: NOW }), request: { maxAge: 0 } }],
  ['A13: max_age 0 after a login by a clock that is ahead', 'login', { session: aSession({ authTime: ago(-5) }), request: { maxAge: 0 } }],
  ['A13: max_age 0, and the user has logged in for this', 'issue', { ...loggedInAnew, request: { maxAge: 0 } }],
  ['A13: max_age, and the login for this is long ago', 'issue', {
    session: aSession({ sid: 'second' }), initialSid: 'first', request: { maxAge: 1 },
  }],

  ['A13: prompt login', 'login', { request: { prompts: ['login'] } }],
  ['A13: prompt login, and the user has logged in for this', 'issue', { ...loggedInAnew, request: { prompts: ['login'] } }],
  ['A13: prompt login, and the session was hidden while the request began', 'login', { ...hidden, request: { prompts: ['login'] } }],
  ['A13: max_age, and the session was hidden while the request began', 'login', { ...hidden, request: { maxAge: 60 } }],
  ['A13: no demand, and the session was hidden while the request began', 'issue', hidden],
  ['A13: prompt login, and a login for this by a clock that is behind', 'issue', {
    ...loggedInAnew, begunAt: ago(-59), request: { prompts: ['login'] },
  }],
  ['A13: prompt login, and the session ended since', 'login', { ...anonymous, initialSid: 'first', request: { prompts: ['login'] } }],
  ['A13: prompt select_account', 'login', { request: { prompts: ['select_account'] } }],
  ['A13: prompt select_account, and the user has logged in for this', 'issue', {
    ...loggedInAnew, request: { prompts: ['select_account'] },
  }],
  ['A14: prompt create without a session', 'sign-up', { ...anonymous, request: { prompts: ['create'] } }],
  ['A14: prompt create in a session', 'sign-up', { request: { prompts: ['create'] } }],
  ['A14: prompt create, and the account is there', 'issue', { ...loggedInAnew, request: { prompts: ['create'] } }],
  ['A14: prompt login create', 'sign-up', { request: { prompts: ['login', 'create'] } }],

  ['R8: the session is by an authenticator that the client does not take', 'login', { client: { authenticators: ['passkey'] } }],
  ['R8: even a login for this is not by one of them', 'login', { ...loggedInAnew, client: { authenticators: ['passkey'] } }],
  ['R8: the wrong authenticator, and nothing may be shown', 'login_required', {
    client: { authenticators: ['passkey'] }, request: { prompts: ['none'] },
  }],
  ['R8: one of several authenticators', 'issue', { client: { authenticators: ['passkey', 'username-password'] } }],

  ['A22: the user is the one of id_token_hint', 'issue', { request: { hintedSub: 'alice' } }],
  ['A22: another user was logged in', 'login', { request: { hintedSub: 'bob' } }],
  ['A22: another user was logged in, and nothing may be shown', 'login_required', { request: { hintedSub: 'bob', prompts: ['none'] } }],
  ['A22: another user has logged in for this', 'login_required', { ...loggedInAnew, request: { hintedSub: 'bob' } }],

  ['A23: consent, never asked', 'consent', { client: asking }],
  ['A23: consent to no scope at all, never asked', 'consent', { client: asking, request: { scope: [] } }],
  ['A23: consent, granted before', 'issue', { client: asking, consented: ['openid'] }],
  ['A23: consent, more was granted before', 'issue', { client: asking, consented: ['email', 'openid'] }],
  ['A23: consent, a scope is new', 'consent', { client: asking, consented: ['email'], request: { scope: ['openid', 'email'] } }],
  ['A23: consent, and nothing may be shown', 'consent_required', { client: asking, request: { prompts: ['none'] } }],
  ['A23: consent granted before, and nothing may be shown', 'issue', {
    client: asking, consented: ['openid'], request: { prompts: ['none'] },
  }],
  ['A23: consent, and nobody is logged in', 'login', { client: asking, ...anonymous }],
  ['A23: login before consent where nothing may be shown', 'login_required', {
    client: asking, ...anonymous, request: { prompts: ['none'] },
  }],
  ['A23: prompt consent where the client does not ask', 'consent', { request: { prompts: ['consent'] } }],
  ['A23: prompt consent although granted before', 'consent', { client: asking, consented: ['openid'], request: { prompts: ['consent'] } }],
  ['A23: prompt login consent, first the login', 'login', { request: { prompts: ['login', 'consent'] } }],
  ['A23: prompt login consent, then the consent', 'consent', { ...loggedInAnew, request: { prompts: ['login', 'consent'] } }],
  ['A23: offline_access where the client does not ask', 'consent', { request: { scope: ['openid', 'offline_access'] } }],
  ['A23: offline_access, granted before', 'issue', {
    request: { scope: ['openid', 'offline_access'] }, consented: ['openid', 'offline_access'],
  }],
  ['A23: offline_access, granted before without it', 'consent', {
    request: { scope: ['openid', 'offline_access'] }, consented: ['openid'],
  }],
];

describe('what comes next', () => {
  it.each(TABLE)('%s → %s', (_rule, expected, given) => {
    expect(outcome(given)).toBe(expected);
  });

  it('A17: hands out the code for the session that was looked at', () => {
    const session = aSession({ sub: 'bob' });
    expect(nextStep(facts({ session }))).toEqual<Decision>({ next: 'issue', session });
  });

  it('A13: with prompt none never shows a page, and without a session never issues', () => {
    fc.assert(
      fc.property(fc.record(anything), (given) => {
        const { next } = nextStep(facts(given));
        if (given.request.prompts.includes('none')) expect(['issue', 'refuse']).toContain(next);
        if (given.session === undefined) expect(next).not.toBe('issue');
      }),
    );
  });

  it('A23: asks whoever has not granted everything, where the client wants it', () => {
    fc.assert(
      fc.property(fc.record(anything), (given) => {
        const { next } = nextStep(facts({ ...given, client: asking }));
        const granted = given.request.scope.every((scope) => given.consented?.includes(scope) === true);
        if (next === 'issue') expect([granted, given.consented === undefined]).toEqual([true, false]);
      }),
    );
  });
});

const scopes = fc.subarray(['openid', 'profile', 'offline_access']);
const session: fc.Arbitrary<Session> = fc.constantFrom('first', 'second').map((sid) => aSession({ sid }));
const anything = {
  session: fc.option(session, { nil: undefined }),
  initialSid: fc.constantFrom('first', undefined),
  consented: fc.option(scopes, { nil: undefined }),
  request: fc.record({
    prompts: fc.oneof(fc.constant<Prompt[]>(['none']), fc.subarray<Prompt>(PROMPTS.filter((prompt) => prompt !== 'none'))),
    scope: scopes,
    maxAge: fc.constantFrom(0, 599, 600, undefined),
    hintedSub: fc.constantFrom('alice', 'bob', undefined),
  }),
};

describe('A23: what was granted before', () => {
  it('matters where the client wants consent, and for offline_access', () => {
    expect(asksForConsent(aRequest(), aRegisteredClient())).toBe(false);
    expect(asksForConsent(aRequest(), aRegisteredClient(asking))).toBe(true);
    expect(asksForConsent(aRequest({ scope: ['offline_access'] }), aRegisteredClient())).toBe(true);
  });
});
