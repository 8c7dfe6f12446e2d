/** Each verdict sees the violation that it is there for: a history that keeps every promise, and then one broken promise each. */
import { type Attempt, type Change, Journal } from './journal.js';
import { Dice } from './random.js';
import type { Stored, StoredEvent } from './stored.js';
import { judgeFacts } from './invariants/facts.js';
import { judgeLog, judgeReading } from './invariants/log.js';
import { judgePromises } from './invariants/promises.js';
import { judgeRevocations } from './invariants/revocations.js';
import { judgeWinners } from './invariants/winners.js';

type Data = StoredEvent['data'];
type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
interface History {
  journal: Journal;
  stored: Mutable<Stored>;
}

const OWNER = { client_id: 'shop', sub: 'jane' };
const OF_GRANT = { ...OWNER, grant_id: 'g1' };

function attempt(change: Change, key: string, more: Partial<Attempt> = {}): Attempt {
  return { change, key, sentAt: 1000, endedAt: 1010, outcome: 'done', ...more };
}

function events(...told: readonly (readonly [type: string, data: Data])[]): StoredEvent[] {
  return told.map(([type, data], index) => ({ position: index + 1, id: `e${index}`, type, time: 1005, data }));
}

/** One person, one client, one grant that was refreshed once, and all of it answered. */
function kept(): History {
  const journal = new Journal();
  for (const [change, key] of [['register-client', 'shop'], ['sign-up', 'jane'], ['authorize', 'jane shop']] as const) {
    journal.note(attempt(change, key));
  }
  journal.note(attempt('redeem', 'c1', { brought: 'r1' }));
  journal.note(attempt('refresh', 'r1', { brought: 'r2' }));
  journal.codes.set('c1', { clientId: 'shop', sub: 'jane' });
  for (const token of ['r1', 'r2']) journal.refreshTokens.set(token, { code: 'c1', grace: 10 });
  for (const hash of ['a1', 'a2']) journal.accessTokens.push({ value: hash, hash, clientId: 'shop', code: 'c1' });
  const stored: Mutable<Stored> = {
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
    waiting: 0,
    open: [],
  };
  return { journal, stored };
}

function judged({ journal, stored }: History): string[] {
  return [
    ...judgeLog(stored),
    ...judgeFacts(stored),
    ...judgeWinners(journal, stored),
    ...judgePromises(journal, stored),
    ...judgeRevocations(journal, stored),
  ];
}

function tell({ stored }: History, type: string, data: Data): void {
  stored.events.push({ position: stored.events.length + 1, id: `more${stored.events.length}`, type, time: 2000, data });
}

function untell({ stored }: History, type: string): void {
  stored.events = stored.events.filter((event) => event.type !== type).map((event, index) => ({ ...event, position: index + 1 }));
}

/** Ends the grant, for a reason or none. */
function revoke(history: History, reason: string): void {
  history.stored.grants = history.stored.grants.map((grant) => ({ ...grant, revoked: true }));
  tell(history, 'authorization.grant-revoked', { ...OF_GRANT, reason });
}

it('finds nothing wrong where every promise was kept', () => {
  expect(judged(kept())).toEqual([]);
});

it('takes an attempt without an answer for either: it happened, or it did not', () => {
  const history = kept();
  history.journal.note(attempt('redeem', 'c1', { outcome: 'unknown' }));
  history.journal.note(attempt('sign-up', 'john', { outcome: 'unknown' }));
  expect(judged(history)).toEqual([]);
  tell(history, 'authentication.account-created', { sub: 'john' });
  history.stored.accounts.push({ sub: 'john', locked: false });
  tell(history, 'authentication.login-succeeded', { sub: 'john', sid: 's2' });
  tell(history, 'authentication.session-started', { sub: 'john', sid: 's2' });
  history.stored.sessions.push({ sid: 's2' });
  expect(judged(history)).toEqual([]);
});

it('accepts that a second redemption kills the grant, whether the first was answered or not', () => {
  const history = kept();
  history.journal.note(attempt('redeem', 'c1', { outcome: 'refused', sentAt: 1200, endedAt: 1210 }));
  history.stored.codes = history.stored.codes.map((code) => ({ ...code, replayed: true }));
  tell(history, 'authorization.code-replayed', OF_GRANT);
  revoke(history, 'code-replayed');
  expect(judged(history)).toEqual([]);
});

it('waits for the handler that has still to get its event', () => {
  const history = kept();
  history.journal.note(attempt('set-password', 'jane'));
  tell(history, 'authentication.account-changed', { sub: 'jane', change: 'password' });
  history.stored.open.push({ handler: 'RevokeGrants.whenAccountChanged', position: history.stored.events.length });
  expect(judged(history)).toEqual([]);
});

const VIOLATIONS: Readonly<Record<string, readonly [finding: RegExp, plant: (history: History) => void]>> = {
  'a code with two winners': [/c1 was redeemed 2 times/, ({ journal }) => {
    journal.note(attempt('redeem', 'c1', { brought: 'r9' }));
  }],
  'a redemption that was told twice': [/CodeRedeemed: 2 events for 1 facts, g1/, (history) => tell(history, 'authorization.code-redeemed', OF_GRANT)],
  'a refresh token with two successors': [/r1 has 2 successors/, ({ journal }) => {
    journal.note(attempt('refresh', 'r1', { brought: 'r9' }));
  }],
  'two stored successors': [/g1 has 2 refresh tokens/, ({ stored }) => {
    stored.refreshTokens.push({ hash: 'r9', grant_id: 'g1', rotated: false });
  }],
  'a fact without its event': [/AccountCreated: 0 events for 1 facts, jane/, (history) => untell(history, 'authentication.account-created')],
  'an event without its fact': [/CodeIssued: 1 events for 0 facts, g2/, (history) => {
    tell(history, 'authorization.code-issued', { ...OF_GRANT, grant_id: 'g2' });
  }],
  'a token without its event': [/TokensRefreshed: 2 events for 3 facts, g1/, ({ stored }) => {
    stored.accessTokens.push({ hash: 'a9', grant_id: 'g1', client_id: 'shop' });
  }],
  'a session without its event': [/SessionStarted: 0 events for 1 facts, s9/, ({ stored }) => {
    stored.sessions.push({ sid: 's9' });
  }],
  'a consent that is lost': [/ConsentGranted: 1 events for 0 facts, jane shop/, (history) => {
    history.journal.note(attempt('allow', 'jane shop'));
    tell(history, 'authorization.consent-granted', OWNER);
  }],
  'a change of a client without its event': [/shop at version 2/, ({ stored }) => {
    stored.clients = [{ client_id: 'shop', version: 2 }];
  }],
  'a secret that is lost': [/ClientSecretReset: 1 events for 0 facts, second/, (history) => {
    history.journal.note(attempt('add-secret', 'shop'));
    tell(history, 'client-registry.client-secret-reset', { client_id: 'shop', secret_id: 'second', change: 'created' });
  }],
  'a removed secret that is there': [/the secret first is there/, (history) => {
    history.journal.note(attempt('remove-secret', 'first'));
    tell(history, 'client-registry.client-secret-reset', { client_id: 'shop', secret_id: 'first', change: 'removed' });
  }],
  'an answered sign-up that is lost': [/account-created jane: told 0 times, but 1 were answered/, (history) => {
    history.stored.accounts = [];
    untell(history, 'authentication.account-created');
  }],
  'a change that nobody asked for': [/client-registered intruder: told 1 times, but 0 were answered and 0 not/, (history) => {
    history.stored.clients.push({ client_id: 'intruder', version: 1 });
    tell(history, 'client-registry.client-registered', { client_id: 'intruder' });
  }],
  'a lost access token': [/access token a2 was received and is not there/, ({ stored }) => {
    stored.accessTokens.pop();
  }],
  'a lost refresh token': [/refresh token r2 was received and is not there/, ({ stored }) => {
    stored.refreshTokens.pop();
  }],
  'a token of another grant': [/a1 belongs to g7/, ({ stored }) => {
    stored.accessTokens = stored.accessTokens.map((token) => ({ ...token, grant_id: 'g7' }));
  }],
  'a revocation without cause': [/g1 was revoked \(code-replayed\), and nobody gave cause/, (history) => revoke(history, 'code-replayed')],
  'a repetition within the grace period that was taken for theft': [/refresh-token-reused\), and nobody gave cause/, (history) => {
    history.journal.note(attempt('refresh', 'r1', { sentAt: 2000, endedAt: 2010, outcome: 'refused' }));
    revoke(history, 'refresh-token-reused');
  }],
  'a replay that left the grant alive': [/c1 was replayed, and its grant is not revoked/, ({ journal }) => {
    journal.note(attempt('redeem', 'c1', { outcome: 'refused' }));
  }],
  'a good code that was refused': [/c1 was refused, and nobody has redeemed it/, ({ journal, stored }) => {
    journal.note(attempt('redeem', 'c1', { outcome: 'refused' }));
    stored.codes = stored.codes.map((code) => ({ ...code, redeemed: false }));
  }],
  'a lost code': [/c1 was issued and is not there/, ({ journal, stored }) => {
    journal.note(attempt('redeem', 'c1', { outcome: 'refused' }));
    stored.codes = [];
  }],
  'a good refresh token that was refused': [/r2 was refused, and its grant is not revoked/, ({ journal }) => {
    journal.note(attempt('refresh', 'r2', { outcome: 'refused' }));
  }],
  'a handler that never got its event': [/g1 goes on after authorization.consent-withdrawn/, (history) => {
    history.journal.note(attempt('withdraw', 'jane shop'));
    tell(history, 'authorization.consent-withdrawn', OWNER);
  }],
  'a good access token that was refused': [/was refused, and its grant is not revoked/, ({ journal }) => {
    journal.looks.push({ code: 'c1', sentAt: 1500, good: false });
  }],
  'an access token that outlived the answer to the replay': [/was good after the refusal/, (history) => {
    history.journal.note(attempt('redeem', 'c1', { outcome: 'refused' }));
    history.journal.looks.push({ code: 'c1', sentAt: 1500, good: true });
    revoke(history, 'code-replayed');
  }],
  'a gap in the positions': [/goes on at position 9 where 8 was due/, ({ stored }) => {
    stored.events = stored.events.map((event, index) => (index === 7 ? { ...event, position: 9 } : event));
  }],
  'a log that does not begin at 1': [/goes on at position 2 where 1 was due/, ({ stored }) => {
    stored.events = stored.events.map((event) => ({ ...event, position: event.position + 1 }));
  }],
  'an event twice in the log': [/e0 stands in the log again/, ({ stored }) => {
    stored.events = stored.events.map((event, index) => (index === 7 ? { ...event, id: 'e0' } : event));
  }],
  'a fact that stays in the outbox': [/1 facts never reached the log/, ({ stored }) => {
    stored.waiting = 1;
  }],
};

it.each(Object.entries(VIOLATIONS))('sees %s', (_, [finding, plant]) => {
  const history = kept();
  plant(history);
  expect(judged(history)).toContainEqual(expect.stringMatching(finding));
});

describe('what a reader of the log got', () => {
  const { events: logged } = kept().stored;
  const read = logged.map(({ position, id }) => ({ sequence: String(position), id }));

  it('is in order where it is the log, or its beginning', () => {
    expect([...judgeReading(read, logged, 'R'), ...judgeReading(read.slice(0, 3), logged, 'R')]).toEqual([]);
  });

  it.each([
    ['a gap', read.filter((_, index) => index !== 3), /R read position 5 where 4 was due/],
    ['an event that was put in behind the cursor', read.map((event, index) => (index === 2 ? { ...event, id: 'other' } : event)), /R read other/],
    ['an event that is gone', [...read, { sequence: '9', id: 'gone' }], /R read gone at position 9, where the log has undefined/],
  ])('is not with %s', (_, wrong, finding) => {
    expect(judgeReading(wrong, logged, 'R')).toContainEqual(expect.stringMatching(finding));
  });
});

it('throws the same dice for the same seed, and others for another', () => {
  const throws = (seed: number): number[] => {
    const dice = new Dice(seed);
    return Array.from({ length: 20 }, () => dice.between(0, 1e9));
  };
  expect(throws(7)).toEqual(throws(7));
  expect(throws(7)).not.toEqual(throws(8));
  expect(new Set(throws(7)).size).toBe(20);
});
