/** What was answered is kept, and what nobody asked for did not happen: the journal against the log, by counting. */
import { grouped } from '../grouped.js';
import type { Attempt, Change, Journal } from '../journal.js';
import type { Stored, StoredEvent } from '../stored.js';
import { FIRST_ADMINISTRATOR } from './facts.js';

interface Kind {
  readonly event: string;
  /** The attempts that bring the event about. */
  readonly by: readonly Change[];
  /** The key under which the event is counted; undefined where it is another kind's. */
  readonly keyOf: (data: StoredEvent['data']) => string | undefined;
}

type Outcomes = Pick<Attempt, 'key' | 'outcome'>;

const field = (name: string) => (data: StoredEvent['data']): string => String(data[name]);
const pair = (data: StoredEvent['data']): string => `${field('sub')(data)} ${field('client_id')(data)}`;
const where = (name: string, value: unknown, keyOf: Kind['keyOf']): Kind['keyOf'] =>
  (data) => (data[name] === value ? keyOf(data) : undefined);

const KINDS: readonly Kind[] = [
  { event: 'authentication.account-created', by: ['sign-up', 'create-account'], keyOf: field('sub') },
  { event: 'authentication.account-changed', by: ['set-password'], keyOf: where('change', 'password', field('sub')) },
  { event: 'authentication.account-locked', by: ['lock'], keyOf: field('sub') },
  { event: 'authentication.login-succeeded', by: ['log-in', 'sign-up'], keyOf: field('sub') },
  { event: 'client-registry.client-registered', by: ['register-client'], keyOf: field('client_id') },
  { event: 'client-registry.client-changed', by: ['change-client'], keyOf: field('client_id') },
  { event: 'client-registry.client-removed', by: ['remove-client'], keyOf: field('client_id') },
  { event: 'client-registry.client-secret-reset', by: ['add-secret'], keyOf: where('change', 'created', field('client_id')) },
  { event: 'client-registry.client-secret-reset', by: ['remove-secret'], keyOf: where('change', 'removed', field('secret_id')) },
  { event: 'authorization.consent-granted', by: ['allow'], keyOf: pair },
  { event: 'authorization.consent-withdrawn', by: ['withdraw'], keyOf: pair },
  { event: 'authorization.code-issued', by: ['authorize'], keyOf: pair },
  { event: 'authorization.code-redeemed', by: ['redeem'], keyOf: field('grant_id') },
  { event: 'token.tokens-refreshed', by: ['refresh'], keyOf: field('grant_id') },
  { event: 'token.tokens-issued', by: ['client-credentials'], keyOf: where('grant_id', null, field('client_id')) },
];

export function judgePromises(journal: Journal, stored: Stored): string[] {
  const grants = new Map(stored.codes.map(({ hash, grant_id }) => [hash, grant_id]));
  const told = grouped(stored.events, ({ type }) => type);
  const keyOf = ({ change, key }: Attempt): string => {
    if (change === 'redeem') return grants.get(key) ?? key;
    if (change !== 'refresh') return key;
    const code = journal.refreshTokens.get(key)?.code ?? '';
    return grants.get(code) ?? code;
  };
  return [
    ...KINDS.flatMap((kind) => {
      const written = kind.by.flatMap((change) => journal.of(change));
      const attempts = written.map((attempt) => ({ key: keyOf(attempt), outcome: attempt.outcome }));
      return miscounts(kind, attempts, told.get(kind.event) ?? []);
    }),
    ...lostTokens(journal, stored),
  ];
}

/** Between what was answered with success and that with all that was not answered at all. */
function miscounts({ event, keyOf }: Kind, attempts: readonly Outcomes[], events: readonly StoredEvent[]): string[] {
  const counts = new Map<string, { done: number; unknown: number; told: number }>();
  const of = (key: string): { done: number; unknown: number; told: number } => {
    const found = counts.get(key) ?? { done: 0, unknown: 0, told: 0 };
    counts.set(key, found);
    return found;
  };
  for (const { key, outcome } of attempts) if (outcome !== 'refused') of(key)[outcome] += 1;
  for (const { data } of events) {
    const key = keyOf(data);
    if (key !== undefined && key !== FIRST_ADMINISTRATOR) of(key).told += 1;
  }
  return [...counts]
    .filter(([, { done, unknown, told }]) => told < done || told > done + unknown)
    .map(([key, { done, unknown, told }]) => `${event} ${key}: told ${told} times, but ${done} were answered and ${unknown} not`);
}

/** Each token that a client received is there, with the grant that its code began. */
function lostTokens(journal: Journal, { codes, accessTokens, refreshTokens }: Stored): string[] {
  const grants = new Map(codes.map(({ hash, grant_id }) => [hash, grant_id]));
  const kept = new Map([...accessTokens, ...refreshTokens].map(({ hash, grant_id }) => [hash, grant_id]));
  const received = [
    ...journal.accessTokens.map(({ hash, code }) => ({ kind: 'access token', hash, code })),
    ...[...journal.refreshTokens].map(([hash, { code }]) => ({ kind: 'refresh token', hash, code })),
  ];
  return received.flatMap(({ kind, hash, code }) => {
    if (!kept.has(hash)) return [`the ${kind} ${hash} was received and is not there`];
    const grant = code === undefined ? null : grants.get(code);
    return kept.get(hash) === grant ? [] : [`the ${kind} ${hash} belongs to ${String(kept.get(hash))}, its code to ${String(grant)}`];
  });
}
