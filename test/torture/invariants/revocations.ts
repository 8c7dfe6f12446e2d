/** A grant is revoked if and only if there was a cause, such as a replay or a withdrawn consent. */
import { groupBy } from '../group-by.js';
import type { Attempt, CodeOwner, Journal, UserinfoCall } from '../journal.js';
import type { Snapshot, LoggedEvent } from '../snapshot.js';

type Grant = Snapshot['grants'][number];

export function checkRevocations(journal: Journal, snapshot: Snapshot): string[] {
  const history = new History(journal, snapshot);
  return [
    ...snapshot.events.filter(({ type }) => type === 'authorization.grant-revoked').flatMap((event) => revokedWithoutCause(event, history)),
    ...[...journal.byKey('redeem')].flatMap(([code, attempts]) => refusedRedemption(code, attempts, history)),
    ...[...journal.byKey('refresh')].flatMap(([token, attempts]) => refusedRefresh(token, attempts, history)),
    ...notRevoked(snapshot),
    ...journal.userinfoCalls.flatMap((call) => wrongUserinfoAnswer(call, history)),
  ];
}

/** The journal and the tables, indexed by code and by grant. */
class History {
  readonly #codes: ReadonlyMap<string, Snapshot['codes'][number]>;
  readonly #grants: ReadonlyMap<string, Grant>;
  readonly #codeOf: ReadonlyMap<string, string>;
  readonly #tokensOf: ReadonlyMap<string, readonly (readonly [string, unknown])[]>;
  readonly #attempts: ReadonlyMap<string, Attempt[]>;

  constructor(
    readonly journal: Journal,
    { codes, grants }: Snapshot,
  ) {
    this.#codes = new Map(codes.map((code) => [code.hash, code]));
    this.#grants = new Map(grants.map((grant) => [grant.id, grant]));
    this.#codeOf = new Map(codes.map(({ hash, grant_id }) => [grant_id, hash]));
    this.#tokensOf = groupBy(journal.refreshTokens, ([, { code }]) => code);
    this.#attempts = groupBy(journal.attempts, ({ change, key }) => `${change} ${key}`);
  }

  code(hash: string): Snapshot['codes'][number] | undefined {
    return this.#codes.get(hash);
  }

  /** Whether the grant of the code is revoked. */
  isRevoked(code: string): boolean {
    return this.#grants.get(this.#codes.get(code)?.grant_id ?? '')?.revoked === true;
  }

  ownerOf(code: string): Pick<CodeOwner, 'clientId' | 'sub'> {
    return this.journal.codes.get(code) ?? { clientId: '', sub: '' };
  }

  codeOf(grant: string): string {
    return this.#codeOf.get(grant) ?? '';
  }

  tokensOf(code: string): readonly string[] {
    return (this.#tokensOf.get(code) ?? []).map(([hash]) => hash);
  }

  attempts(change: Attempt['change'], key: string): readonly Attempt[] {
    return this.#attempts.get(`${change} ${key}`) ?? [];
  }

  /** Whether the change was requested and not refused. */
  mayHaveHappened(change: Attempt['change'], key: string): boolean {
    return this.attempts(change, key).some(({ outcome }) => outcome !== 'refused');
  }
}

function revokedWithoutCause({ data }: LoggedEvent, history: History): string[] {
  const [grant, sub, client] = ['grant_id', 'sub', 'client_id'].map((name) => String(data[name])) as [string, string, string];
  const reason = String(data['reason']);
  const code = history.codeOf(grant);
  const causes: Readonly<Record<string, () => boolean>> = {
    'code-replayed': () => history.attempts('redeem', code).length > 1,
    'refresh-token-reused': () => history.tokensOf(code).some((token) => mayBeReuse(token, history)),
    'consent-withdrawn': () => history.mayHaveHappened('withdraw', `${sub} ${client}`),
    'password-changed': () => history.mayHaveHappened('set-password', sub),
    'account-locked': () => history.mayHaveHappened('lock', sub),
    'client-removed': () => history.mayHaveHappened('remove-client', client),
  };
  return causes[reason]?.() === true ? [] : [`the grant ${grant} was revoked without a cause (${reason})`];
}

/** Whether the refresh token may have been used a second time after the grace period (F4, F5). */
function mayBeReuse(token: string, history: History): boolean {
  const attempts = history.attempts('refresh', token);
  const grace = (history.journal.refreshTokens.get(token)?.grace ?? 0) * 1000;
  const first = Math.min(...attempts.map(({ sentAt }) => sentAt));
  const last = Math.max(...attempts.map(({ endedAt }) => endedAt));
  return attempts.length > 1 && last - first >= grace;
}

/** T19: a code is refused only if it was redeemed before, and its grant is revoked before the refusal is answered. */
function refusedRedemption(hash: string, attempts: readonly Attempt[], history: History): string[] {
  if (!attempts.some(({ outcome }) => outcome === 'refused')) return [];
  const { clientId, sub } = history.ownerOf(hash);
  if (history.mayHaveHappened('remove-client', clientId) || history.mayHaveHappened('lock', sub)) return [];
  const code = history.code(hash);
  if (code === undefined) {
    const mayBeDeleted = history.mayHaveHappened('withdraw', `${sub} ${clientId}`) || history.mayHaveHappened('set-password', sub);
    return mayBeDeleted ? [] : [`the code ${hash} was issued but is not stored`];
  }
  if (!code.redeemed) return [`the code ${hash} was refused but not redeemed`];
  return history.isRevoked(hash) ? [] : [`the code ${hash} was replayed but its grant is not revoked`];
}

function refusedRefresh(token: string, attempts: readonly Attempt[], history: History): string[] {
  if (!attempts.some(({ outcome }) => outcome === 'refused')) return [];
  const code = history.journal.refreshTokens.get(token)?.code ?? '';
  if (history.mayHaveHappened('remove-client', history.ownerOf(code).clientId)) return [];
  return history.isRevoked(code) ? [] : [`the refresh token ${token} was refused but its grant is not revoked`];
}

/** The handlers of the server have revoked the grants that each delivered event ends. */
function notRevoked({ events, grants, pendingDeliveries }: Snapshot): string[] {
  const pending = new Set(pendingDeliveries.map(({ position }) => position));
  const bySub = groupBy(grants, ({ sub }) => sub);
  const byClient = groupBy(grants, ({ client_id }) => client_id);
  return events.filter(({ position }) => !pending.has(position)).flatMap(({ type, data, time, position }) => {
    const [sub, client] = [String(data['sub']), String(data['client_id'])];
    const endedBy: Readonly<Record<string, () => readonly Grant[] | undefined>> = {
      'authorization.consent-withdrawn': () => bySub.get(sub)?.filter(({ client_id }) => client_id === client),
      'authentication.account-locked': () => bySub.get(sub),
      'authentication.account-changed': () => (data['change'] === 'password' ? bySub.get(sub) : []),
      'client-registry.client-removed': () => byClient.get(client),
    };
    const active = (endedBy[type]?.() ?? []).filter(({ revoked, created_at }) => !revoked && created_at <= time);
    return active.map(({ id }) => `the grant ${id} is not revoked after ${type} at position ${position}`);
  });
}

function wrongUserinfoAnswer(call: UserinfoCall, history: History): string[] {
  return call.accepted ? acceptedAfterRefusal(call, history) : refusedWithoutCause(call, history);
}

function acceptedAfterRefusal({ code, sentAt }: UserinfoCall, history: History): string[] {
  const attempts = [
    ...history.attempts('redeem', code),
    ...history.tokensOf(code).flatMap((token) => history.attempts('refresh', token)),
  ];
  const wasRefused = attempts.some(({ outcome, endedAt }) => outcome === 'refused' && endedAt < sentAt);
  return wasRefused ? [`an access token from the code ${code} was accepted after the refusal that revoked its grant`] : [];
}

function refusedWithoutCause({ code }: UserinfoCall, history: History): string[] {
  const { clientId, sub } = history.ownerOf(code);
  const hasCause = history.isRevoked(code) || history.mayHaveHappened('remove-client', clientId) || history.mayHaveHappened('lock', sub);
  return hasCause ? [] : [`an access token from the code ${code} was refused but its grant is not revoked`];
}
