/** Each check reports the violation that it is there for. A valid history has none; each test then corrupts it in one way. */
import { type Attempt, type Change, Journal } from './journal.js';
import { SeededRandom } from './seeded-random.js';
import type { Snapshot, LoggedEvent } from './snapshot.js';
import { checkEventsMatchTables } from './invariants/events-match-tables.js';
import { checkEventLog, checkReader } from './invariants/event-log.js';
import { checkAnswersMatchEvents } from './invariants/answers-match-events.js';
import { checkRevocations } from './invariants/revocations.js';
import { checkSingleUse } from './invariants/single-use.js';

type Data = LoggedEvent['data'];
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
interface History {
  journal: Journal;
  snapshot: Mutable<Snapshot>;
}

const OWNER = { client_id: 'shop', sub: 'jane' };
const OF_GRANT = { ...OWNER, grant_id: 'g1' };

function attempt(change: Change, key: string, more: Partial<Attempt> = {}): Attempt {
  return { change, key, sentAt: 1000, endedAt: 1010, outcome: 'done', ...more };
}

function events(...entries: readonly (readonly [type: string, data: Data])[]): LoggedEvent[] {
  return entries.map(([type, data], index) => ({ position: index + 1, id: `e${index}`, type, time: 1005, data }));
}

/** One user, one client and one grant that was refreshed once; every request was answered. */
function validHistory(): History {
  const journal = new Journal();
  for (const [change, key] of [['register-client', 'shop'], ['sign-up', 'jane'], ['authorize', 'jane shop']] as const) {
    journal.record(attempt(change, key));
  }
  journal.record(attempt('redeem', 'c1', { issued: 'r1' }));
  journal.record(attempt('refresh', 'r1', { issued: 'r2' }));
  journal.codes.set('c1', { clientId: 'shop', sub: 'jane' });
  for (const token of ['r1', 'r2']) journal.refreshTokens.set(token, { code: 'c1', grace: 10 });
  for (const hash of ['a1', 'a2']) journal.accessTokens.push({ value: hash, hash, clientId: 'shop', code: 'c1' });
  const snapshot: Mutable<Snapshot> = {
    codes: [{ ...OF_GRANT, hash: 'c1', redeemed: true, replayed: false }],
    grants: [{ ...OWNER, id: 'g1', created_at: 1005, revoked: false }],
    refreshTokens: [{ hash: 'r1', grant_id: 'g1', rotated: true }, { hash: 'r2', grant_id: 'g1', rotated: false }],
    accessTokens: ['a1', 'a2'].map((hash) => ({ hash, grant_id: 'g1', client_id: 'shop' })),
    accounts: [{ sub: 'jane', locked: false }],
    sessions: [{ sid: 's1' }],
    consents: [],
    clients: [{ client_id: 'shop', version: 1 }],
    secrets: [{ id: 'first', client_id: 'shop' }],
    events: events(
      ['client-registry.client-registered', { client_id: 'shop' }],
      ['authentication.account-created', { sub: 'jane' }],
      ['authentication.login-succeeded', { sub: 'jane', sid: 's1' }],
      ['authentication.session-started', { sub: 'jane', sid: 's1' }],
      ['authorization.code-issued', OF_GRANT],
      ['authorization.code-redeemed', OF_GRANT],
      ['token.tokens-issued', OF_GRANT],
      ['token.tokens-refreshed', OF_GRANT],
    ),
    outboxSize: 0,
    pendingDeliveries: [],
  };
  return { journal, snapshot };
}

function violations({ journal, snapshot }: History): string[] {
  return [
    ...checkEventLog(snapshot),
    ...checkEventsMatchTables(snapshot),
    ...checkSingleUse(journal, snapshot),
    ...checkAnswersMatchEvents(journal, snapshot),
    ...checkRevocations(journal, snapshot),
  ];
}

function addEvent({ snapshot }: History, type: string, data: Data): void {
  snapshot.events.push({ position: snapshot.events.length + 1, id: `more${snapshot.events.length}`, type, time: 2000, data });
}

function removeEvents({ snapshot }: History, type: string): void {
  snapshot.events = snapshot.events.filter((event) => event.type !== type).map((event, index) => ({ ...event, position: index + 1 }));
}

/** Revokes the grant; whether there was a cause is up to the caller. */
function revoke(history: History, reason: string): void {
  history.snapshot.grants = history.snapshot.grants.map((grant) => ({ ...grant, revoked: true }));
  addEvent(history, 'authorization.grant-revoked', { ...OF_GRANT, reason });
}

it('a valid history has no violation', () => {
  expect(violations(validHistory())).toEqual([]);
});

it('an attempt without an answer may have happened or not', () => {
  const history = validHistory();
  history.journal.record(attempt('redeem', 'c1', { outcome: 'unknown' }));
  history.journal.record(attempt('sign-up', 'john', { outcome: 'unknown' }));
  expect(violations(history)).toEqual([]);
  addEvent(history, 'authentication.account-created', { sub: 'john' });
  history.snapshot.accounts.push({ sub: 'john', locked: false });
  addEvent(history, 'authentication.login-succeeded', { sub: 'john', sid: 's2' });
  addEvent(history, 'authentication.session-started', { sub: 'john', sid: 's2' });
  history.snapshot.sessions.push({ sid: 's2' });
  expect(violations(history)).toEqual([]);
});

it('a second redemption may revoke the grant, whether the first was answered or not', () => {
  const history = validHistory();
  history.journal.record(attempt('redeem', 'c1', { outcome: 'refused', sentAt: 1200, endedAt: 1210 }));
  history.snapshot.codes = history.snapshot.codes.map((code) => ({ ...code, replayed: true }));
  addEvent(history, 'authorization.code-replayed', OF_GRANT);
  revoke(history, 'code-replayed');
  expect(violations(history)).toEqual([]);
});

it('a grant need not be revoked before its event is delivered to the handler', () => {
  const history = validHistory();
  history.journal.record(attempt('set-password', 'jane'));
  addEvent(history, 'authentication.account-changed', { sub: 'jane', change: 'password' });
  history.snapshot.pendingDeliveries.push({ handler: 'RevokeGrants.whenAccountChanged', position: history.snapshot.events.length });
  expect(violations(history)).toEqual([]);
});

const VIOLATIONS: Readonly<Record<string, readonly [finding: RegExp, corrupt: (history: History) => void]>> = {
  'a code that was redeemed twice': [/c1 was redeemed 2 times/, ({ journal }) => {
    journal.record(attempt('redeem', 'c1', { issued: 'r9' }));
  }],
  'a redemption that was recorded twice': [/CodeRedeemed: 2 events for 1 rows, g1/, (history) => addEvent(history, 'authorization.code-redeemed', OF_GRANT)],
  'a refresh token with two successors': [/r1 has 2 successors/, ({ journal }) => {
    journal.record(attempt('refresh', 'r1', { issued: 'r9' }));
  }],
  'two stored successors': [/g1 has 2 unused refresh tokens/, ({ snapshot }) => {
    snapshot.refreshTokens.push({ hash: 'r9', grant_id: 'g1', rotated: false });
  }],
  'a row without its event': [/AccountCreated: 0 events for 1 rows, jane/, (history) => removeEvents(history, 'authentication.account-created')],
  'an event without its row': [/CodeIssued: 1 events for 0 rows, g2/, (history) => {
    addEvent(history, 'authorization.code-issued', { ...OF_GRANT, grant_id: 'g2' });
  }],
  'a token without its event': [/TokensRefreshed: 2 events for 3 rows, g1/, ({ snapshot }) => {
    snapshot.accessTokens.push({ hash: 'a9', grant_id: 'g1', client_id: 'shop' });
  }],
  'a session without its event': [/SessionStarted: 0 events for 1 rows, s9/, ({ snapshot }) => {
    snapshot.sessions.push({ sid: 's9' });
  }],
  'a lost consent': [/ConsentGranted: 1 events for 0 rows, jane shop/, (history) => {
    history.journal.record(attempt('allow', 'jane shop'));
    addEvent(history, 'authorization.consent-granted', OWNER);
  }],
  'a change of a client without its event': [/shop at version 2/, ({ snapshot }) => {
    snapshot.clients = [{ client_id: 'shop', version: 2 }];
  }],
  'a lost secret': [/ClientSecretReset: 1 events for 0 rows, second/, (history) => {
    history.journal.record(attempt('add-secret', 'shop'));
    addEvent(history, 'client-registry.client-secret-reset', { client_id: 'shop', secret_id: 'second', change: 'created' });
  }],
  'a removed secret that is stored': [/the secret first is stored/, (history) => {
    history.journal.record(attempt('remove-secret', 'first'));
    addEvent(history, 'client-registry.client-secret-reset', { client_id: 'shop', secret_id: 'first', change: 'removed' });
  }],
  'a lost sign-up that was answered': [/account-created jane: 0 events, but 1 answered/, (history) => {
    history.snapshot.accounts = [];
    removeEvents(history, 'authentication.account-created');
  }],
  'a change that nobody requested': [/client-registered intruder: 1 events, but 0 answered and 0 unanswered/, (history) => {
    history.snapshot.clients.push({ client_id: 'intruder', version: 1 });
    addEvent(history, 'client-registry.client-registered', { client_id: 'intruder' });
  }],
  'a lost access token': [/access token a2 was received but is not stored/, ({ snapshot }) => {
    snapshot.accessTokens.pop();
  }],
  'a lost refresh token': [/refresh token r2 was received but is not stored/, ({ snapshot }) => {
    snapshot.refreshTokens.pop();
  }],
  'a token of another grant': [/a1 belongs to the grant g7/, ({ snapshot }) => {
    snapshot.accessTokens = snapshot.accessTokens.map((token) => ({ ...token, grant_id: 'g7' }));
  }],
  'a revocation without a cause': [/g1 was revoked without a cause \(code-replayed\)/, (history) => revoke(history, 'code-replayed')],
  'a repeated refresh within the grace period that was taken for theft': [/without a cause \(refresh-token-reused\)/, (history) => {
    history.journal.record(attempt('refresh', 'r1', { sentAt: 2000, endedAt: 2010, outcome: 'refused' }));
    revoke(history, 'refresh-token-reused');
  }],
  'a replay that did not revoke the grant': [/c1 was replayed but its grant is not revoked/, ({ journal }) => {
    journal.record(attempt('redeem', 'c1', { outcome: 'refused' }));
  }],
  'a valid code that was refused': [/c1 was refused but not redeemed/, ({ journal, snapshot }) => {
    journal.record(attempt('redeem', 'c1', { outcome: 'refused' }));
    snapshot.codes = snapshot.codes.map((code) => ({ ...code, redeemed: false }));
  }],
  'a lost code': [/c1 was issued but is not stored/, ({ journal, snapshot }) => {
    journal.record(attempt('redeem', 'c1', { outcome: 'refused' }));
    snapshot.codes = [];
  }],
  'a valid refresh token that was refused': [/r2 was refused but its grant is not revoked/, ({ journal }) => {
    journal.record(attempt('refresh', 'r2', { outcome: 'refused' }));
  }],
  'a grant that a withdrawn consent did not revoke': [/g1 is not revoked after authorization.consent-withdrawn/, (history) => {
    history.journal.record(attempt('withdraw', 'jane shop'));
    addEvent(history, 'authorization.consent-withdrawn', OWNER);
  }],
  'a valid access token that was refused': [/was refused but its grant is not revoked/, ({ journal }) => {
    journal.userinfoCalls.push({ code: 'c1', sentAt: 1500, accepted: false });
  }],
  'an access token that was accepted after the answer to the replay': [/was accepted after the refusal/, (history) => {
    history.journal.record(attempt('redeem', 'c1', { outcome: 'refused' }));
    history.journal.userinfoCalls.push({ code: 'c1', sentAt: 1500, accepted: true });
    revoke(history, 'code-replayed');
  }],
  'a gap in the positions': [/has position 9 where 8 was expected/, ({ snapshot }) => {
    snapshot.events = snapshot.events.map((event, index) => (index === 7 ? { ...event, position: 9 } : event));
  }],
  'a log that does not begin at 1': [/has position 2 where 1 was expected/, ({ snapshot }) => {
    snapshot.events = snapshot.events.map((event) => ({ ...event, position: event.position + 1 }));
  }],
  'an event twice in the log': [/e0 is in the log again/, ({ snapshot }) => {
    snapshot.events = snapshot.events.map((event, index) => (index === 7 ? { ...event, id: 'e0' } : event));
  }],
  'an event that stays in the outbox': [/1 events did not reach the log/, ({ snapshot }) => {
    snapshot.outboxSize = 1;
  }],
};

it.each(Object.entries(VIOLATIONS))('a violation is reported: %s', (_, [finding, corrupt]) => {
  const history = validHistory();
  corrupt(history);
  expect(violations(history)).toContainEqual(expect.stringMatching(finding));
});

describe('the events that a reader got', () => {
  const { events: logged } = validHistory().snapshot;
  const read = logged.map(({ position, id }) => ({ sequence: String(position), id }));

  it('are right if they are the whole log or its beginning', () => {
    expect([...checkReader(read, logged, 'R'), ...checkReader(read.slice(0, 3), logged, 'R')]).toEqual([]);
  });

  it.each([
    ['a gap', read.filter((_, index) => index !== 3), /R read position 5 where 4 was expected/],
    ['an event that was inserted behind the cursor', read.map((event, index) => (index === 2 ? { ...event, id: 'other' } : event)), /R read other/],
    ['an event that is missing in the log', [...read, { sequence: '9', id: 'gone' }], /R read gone at position 9, but the log has undefined/],
  ])('are wrong with %s', (_, wrong, finding) => {
    expect(checkReader(wrong, logged, 'R')).toContainEqual(expect.stringMatching(finding));
  });
});

it('the same seed gives the same random numbers, and another seed gives others', () => {
  const numbers = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 20 }, () => random.between(0, 1e9));
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
  expect(new Set(numbers(7)).size).toBe(20);
});
