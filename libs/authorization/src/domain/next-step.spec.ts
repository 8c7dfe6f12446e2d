import fc from 'fast-check';
import type { Session } from '#authentication/contracts.js';
import { aRegisteredClient, aRequest, aSession, NOW } from '#test/domain-fixtures.js';
import { type Prompt, PROMPTS } from '#kernel/protocol-names.js';
import { asksForConsent, type Decision, type Facts, nextStep } from './next-step.js';

type Given = Partial<Omit<Facts, 'request' | 'client'>> & {
  readonly request?: Parameters<typeof aRequest>[0];
  readonly client?: Parameters<typeof aRegisteredClient>[0];
};

/** By default the request began with the current session; `given` overrides. */
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
/** The request began with the session `first`, and the user has logged in since. */
const newLogin = { session: aSession({ sid: 'second', authTime: NOW }), initialSid: 'first' };
/** The request began without the cookie of a session that is ten minutes old. */
const hidden = { initialSid: undefined, begunAt: ago(300) };

const TABLE: readonly [rule: string, expected: string, given: Given][] = [
  ['A12: there is no session', 'login', anonymous],
  ['A12: the user has logged in since the request began', 'issue', { initialSid: undefined }],
  ['A13: there was a session already', 'issue', {}],
  ['A13: there is no session, with prompt none', 'login_required', { ...anonymous, request: { prompts: ['none'] } }],
  ['A13: there is a session, with prompt none', 'issue', { request: { prompts: ['none'] } }],

  ['A13: the login is older than max_age', 'login', { request: { maxAge: 599 } }],
  ['A13: the login is exactly as old as max_age', 'issue', { request: { maxAge: 600 } }],
  ['A13: the login is younger than max_age', 'issue', { request: { maxAge: 601 } }],
  ['A13: the login is older than max_age, with prompt none', 'login_required', { request: { maxAge: 599, prompts: ['none'] } }],
  ['A13: max_age 0 after a login at the same time', 'login', { session: aSession({ authTime: NOW }), request: { maxAge: 0 } }],
  ['A13: max_age 0 after a login by a clock that is ahead', 'login', { session: aSession({ authTime: ago(-5) }), request: { maxAge: 0 } }],
  ['A13: max_age 0 after a login for this request', 'issue', { ...newLogin, request: { maxAge: 0 } }],
  ['A13: max_age, and the login for this request is older', 'issue', {
    session: aSession({ sid: 'second' }), initialSid: 'first', request: { maxAge: 1 },
  }],

  ['A13: prompt login', 'login', { request: { prompts: ['login'] } }],
  ['A13: prompt login after a login for this request', 'issue', { ...newLogin, request: { prompts: ['login'] } }],
  ['A13: prompt login, and the request began without the cookie', 'login', { ...hidden, request: { prompts: ['login'] } }],
  ['A13: max_age, and the request began without the cookie', 'login', { ...hidden, request: { maxAge: 60 } }],
  ['A13: neither, and the request began without the cookie', 'issue', hidden],
  ['A13: prompt login after a login for this request at a server whose clock is behind', 'issue', {
    ...newLogin, begunAt: ago(-59), request: { prompts: ['login'] },
  }],
  ['A13: prompt login, and the session has ended since', 'login', { ...anonymous, initialSid: 'first', request: { prompts: ['login'] } }],
  ['A13: prompt select_account', 'login', { request: { prompts: ['select_account'] } }],
  ['A13: prompt select_account after a login for this request', 'issue', {
    ...newLogin, request: { prompts: ['select_account'] },
  }],
  ['A14: prompt create without a session', 'sign-up', { ...anonymous, request: { prompts: ['create'] } }],
  ['A14: prompt create with a session', 'sign-up', { request: { prompts: ['create'] } }],
  ['A14: prompt create after the sign-up', 'issue', { ...newLogin, request: { prompts: ['create'] } }],
  ['A14: prompt login create', 'sign-up', { request: { prompts: ['login', 'create'] } }],

  ['R8: the session has an authenticator that the client does not allow', 'login', { client: { authenticators: ['passkey'] } }],
  ['R8: a login for this request by another authenticator', 'login', { ...newLogin, client: { authenticators: ['passkey'] } }],
  ['R8: the wrong authenticator, with prompt none', 'login_required', {
    client: { authenticators: ['passkey'] }, request: { prompts: ['none'] },
  }],
  ['R8: one of several authenticators', 'issue', { client: { authenticators: ['passkey', 'username-password'] } }],

  ['A22: id_token_hint names the user', 'issue', { request: { hintedSub: 'alice' } }],
  ['A22: id_token_hint names another user', 'login', { request: { hintedSub: 'bob' } }],
  ['A22: id_token_hint is of another user, with prompt none', 'login_required', { request: { hintedSub: 'bob', prompts: ['none'] } }],
  ['A22: id_token_hint names another user, after a login', 'login_required', { ...newLogin, request: { hintedSub: 'bob' } }],

  ['A23: require_consent, nothing granted', 'consent', { client: asking }],
  ['A23: require_consent, empty scope, nothing granted', 'consent', { client: asking, request: { scope: [] } }],
  ['A23: require_consent, granted before', 'issue', { client: asking, consented: ['openid'] }],
  ['A23: require_consent, more granted before', 'issue', { client: asking, consented: ['email', 'openid'] }],
  ['A23: require_consent, a scope is new', 'consent', { client: asking, consented: ['email'], request: { scope: ['openid', 'email'] } }],
  ['A23: require_consent, nothing granted, with prompt none', 'consent_required', { client: asking, request: { prompts: ['none'] } }],
  ['A23: require_consent, granted before, with prompt none', 'issue', {
    client: asking, consented: ['openid'], request: { prompts: ['none'] },
  }],
  ['A23: require_consent without a session', 'login', { client: asking, ...anonymous }],
  ['A23: require_consent without a session, with prompt none', 'login_required', {
    client: asking, ...anonymous, request: { prompts: ['none'] },
  }],
  ['A23: prompt consent without require_consent', 'consent', { request: { prompts: ['consent'] } }],
  ['A23: prompt consent, granted before', 'consent', { client: asking, consented: ['openid'], request: { prompts: ['consent'] } }],
  ['A23: prompt login consent, before the login', 'login', { request: { prompts: ['login', 'consent'] } }],
  ['A23: prompt login consent, after the login', 'consent', { ...newLogin, request: { prompts: ['login', 'consent'] } }],
  ['A23: offline_access without require_consent', 'consent', { request: { scope: ['openid', 'offline_access'] } }],
  ['A23: offline_access, granted before', 'issue', {
    request: { scope: ['openid', 'offline_access'] }, consented: ['openid', 'offline_access'],
  }],
  ['A23: offline_access, granted before without offline_access', 'consent', {
    request: { scope: ['openid', 'offline_access'] }, consented: ['openid'],
  }],
];

describe('the next step', () => {
  it.each(TABLE)('%s: %s', (_rule, expected, given) => {
    expect(outcome(given)).toBe(expected);
  });

  it('A17: the code is issued for the session that was checked', () => {
    const session = aSession({ sub: 'bob' });
    expect(nextStep(facts({ session }))).toEqual<Decision>({ next: 'issue', session });
  });

  it('A13: prompt none never leads to a page, and a request without a session never to a code', () => {
    fc.assert(
      fc.property(fc.record(anything), (given) => {
        const { next } = nextStep(facts(given));
        if (given.request.prompts.includes('none')) expect(['issue', 'refuse']).toContain(next);
        if (given.session === undefined) expect(next).not.toBe('issue');
      }),
    );
  });

  it('A23: with require_consent a code is issued only if every scope was granted', () => {
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

describe('A23: the granted scope', () => {
  it('is needed with require_consent, and for offline_access', () => {
    expect(asksForConsent(aRequest(), aRegisteredClient())).toBe(false);
    expect(asksForConsent(aRequest(), aRegisteredClient(asking))).toBe(true);
    expect(asksForConsent(aRequest({ scope: ['offline_access'] }), aRegisteredClient())).toBe(true);
  });
});
