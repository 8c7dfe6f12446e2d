/** Every answered change has an event, and every event was requested: the counts of the journal and of the log are compared. */
import { groupBy } from '../group-by.js';
import type { Attempt, Change, Journal } from '../journal.js';
import type { Snapshot, LoggedEvent } from '../snapshot.js';
import { FIRST_ADMINISTRATOR } from './events-match-tables.js';

interface Kind {
  readonly event: string;
  /** The changes that cause the event. */
  readonly causes: readonly Change[];
  /** The key under which the event is counted; undefined if the event belongs to another kind. */
  readonly keyOf: (data: LoggedEvent['data']) => string | undefined;
}

type Outcomes = Pick<Attempt, 'key' | 'outcome'>;

const field = (name: string) => (data: LoggedEvent['data']): string => String(data[name]);
const pair = (data: LoggedEvent['data']): string => `${field('sub')(data)} ${field('client_id')(data)}`;
const where = (name: string, value: unknown, keyOf: Kind['keyOf']): Kind['keyOf'] =>
  (data) => (data[name] === value ? keyOf(data) : undefined);

const KINDS: readonly Kind[] = [
  { event: 'authentication.account-created', causes: ['sign-up', 'create-account'], keyOf: field('sub') },
  { event: 'authentication.account-changed', causes: ['set-password'], keyOf: where('change', 'password', field('sub')) },
  { event: 'authentication.account-locked', causes: ['lock'], keyOf: field('sub') },
  { event: 'authentication.login-succeeded', causes: ['log-in', 'sign-up'], keyOf: field('sub') },
  { event: 'client-registry.client-registered', causes: ['register-client'], keyOf: field('client_id') },
  { event: 'client-registry.client-changed', causes: ['change-client'], keyOf: field('client_id') },
  { event: 'client-registry.client-removed', causes: ['remove-client'], keyOf: field('client_id') },
  { event: 'client-registry.client-secret-reset', causes: ['add-secret'], keyOf: where('change', 'created', field('client_id')) },
  { event: 'client-registry.client-secret-reset', causes: ['remove-secret'], keyOf: where('change', 'removed', field('secret_id')) },
  { event: 'authorization.consent-granted', causes: ['allow'], keyOf: pair },
  { event: 'authorization.consent-withdrawn', causes: ['withdraw'], keyOf: pair },
  { event: 'authorization.code-issued', causes: ['authorize'], keyOf: pair },
  { event: 'authorization.code-redeemed', causes: ['redeem'], keyOf: field('grant_id') },
  { event: 'token.tokens-refreshed', causes: ['refresh'], keyOf: field('grant_id') },
  { event: 'token.tokens-issued', causes: ['client-credentials'], keyOf: where('grant_id', null, field('client_id')) },
];

export function checkAnswersMatchEvents(journal: Journal, snapshot: Snapshot): string[] {
  const grants = new Map(snapshot.codes.map(({ hash, grant_id }) => [hash, grant_id]));
  const events = groupBy(snapshot.events, ({ type }) => type);
  const keyOf = ({ change, key }: Attempt): string => {
    if (change === 'redeem') return grants.get(key) ?? key;
    if (change !== 'refresh') return key;
    const code = journal.refreshTokens.get(key)?.code ?? '';
    return grants.get(code) ?? code;
  };
  return [
    ...KINDS.flatMap((kind) => {
      const causes = kind.causes.flatMap((change) => journal.of(change));
      const attempts = causes.map((attempt) => ({ key: keyOf(attempt), outcome: attempt.outcome }));
      return wrongCounts(kind, attempts, events.get(kind.event) ?? []);
    }),
    ...lostTokens(journal, snapshot),
  ];
}

/** There are at least as many events as answered attempts, and at most as many as answered and unanswered attempts together. */
function wrongCounts({ event, keyOf }: Kind, attempts: readonly Outcomes[], events: readonly LoggedEvent[]): string[] {
  const counts = new Map<string, { done: number; unknown: number; logged: number }>();
  const countsOf = (key: string): { done: number; unknown: number; logged: number } => {
    const found = counts.get(key) ?? { done: 0, unknown: 0, logged: 0 };
    counts.set(key, found);
    return found;
  };
  for (const { key, outcome } of attempts) if (outcome !== 'refused') countsOf(key)[outcome] += 1;
  for (const { data } of events) {
    const key = keyOf(data);
    if (key !== undefined && key !== FIRST_ADMINISTRATOR) countsOf(key).logged += 1;
  }
  return [...counts]
    .filter(([, { done, unknown, logged }]) => logged < done || logged > done + unknown)
    .map(([key, { done, unknown, logged }]) => `${event} ${key}: ${logged} events, but ${done} answered and ${unknown} unanswered`);
}

/** Each token that a client received is stored, with the grant that its code began. */
function lostTokens(journal: Journal, { codes, accessTokens, refreshTokens }: Snapshot): string[] {
  const grants = new Map(codes.map(({ hash, grant_id }) => [hash, grant_id]));
  const grantOf = new Map([...accessTokens, ...refreshTokens].map(({ hash, grant_id }) => [hash, grant_id]));
  const received = [
    ...journal.accessTokens.map(({ hash, code }) => ({ kind: 'access token', hash, code })),
    ...[...journal.refreshTokens].map(([hash, { code }]) => ({ kind: 'refresh token', hash, code })),
  ];
  return received.flatMap(({ kind, hash, code }) => {
    if (!grantOf.has(hash)) return [`the ${kind} ${hash} was received but is not stored`];
    const grant = code === undefined ? null : grants.get(code);
    const actual = grantOf.get(hash);
    return actual === grant ? [] : [`the ${kind} ${hash} belongs to the grant ${String(actual)}, its code to ${String(grant)}`];
  });
}
