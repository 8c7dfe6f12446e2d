/** What had to end has ended, and nothing else has: every revocation has its cause, and every cause its revocation. */
import { grouped } from '../grouped.js';
import type { Attempt, HeldCode, Journal, Look } from '../journal.js';
import type { Stored, StoredEvent } from '../stored.js';

type Grant = Stored['grants'][number];

export function judgeRevocations(journal: Journal, stored: Stored): string[] {
  const history = new History(journal, stored);
  return [
    ...stored.events.filter(({ type }) => type === 'authorization.grant-revoked').flatMap((event) => withoutCause(event, history)),
    ...[...journal.byKey('redeem')].flatMap(([code, attempts]) => refusedRedemption(code, attempts, history)),
    ...[...journal.byKey('refresh')].flatMap(([token, attempts]) => refusedRefresh(token, attempts, history)),
    ...undelivered(stored),
    ...journal.looks.flatMap((look) => wrongLook(look, history)),
  ];
}

/** The journal and the tables, found by code and by grant. */
class History {
  readonly #codes: ReadonlyMap<string, Stored['codes'][number]>;
  readonly #grants: ReadonlyMap<string, Grant>;
  readonly #codeOf: ReadonlyMap<string, string>;
  readonly #tokensOf: ReadonlyMap<string, readonly (readonly [string, unknown])[]>;
  readonly #attempts: ReadonlyMap<string, Attempt[]>;

  constructor(
    readonly journal: Journal,
    { codes, grants }: Stored,
  ) {
    this.#codes = new Map(codes.map((code) => [code.hash, code]));
    this.#grants = new Map(grants.map((grant) => [grant.id, grant]));
    this.#codeOf = new Map(codes.map(({ hash, grant_id }) => [grant_id, hash]));
    this.#tokensOf = grouped(journal.refreshTokens, ([, { code }]) => code);
    this.#attempts = grouped(journal.attempts, ({ change, key }) => `${change} ${key}`);
  }

  code(hash: string): Stored['codes'][number] | undefined {
    return this.#codes.get(hash);
  }

  /** Whether the grant that the code began is revoked. */
  isOver(code: string): boolean {
    return this.#grants.get(this.#codes.get(code)?.grant_id ?? '')?.revoked === true;
  }

  holderOf(code: string): Pick<HeldCode, 'clientId' | 'sub'> {
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

  /** Whether it was asked for, and may have happened. */
  may(change: Attempt['change'], key: string): boolean {
    return this.attempts(change, key).some(({ outcome }) => outcome !== 'refused');
  }
}

function withoutCause({ data }: StoredEvent, history: History): string[] {
  const [grant, sub, client] = ['grant_id', 'sub', 'client_id'].map((name) => String(data[name])) as [string, string, string];
  const reason = String(data['reason']);
  const code = history.codeOf(grant);
  const causes: Readonly<Record<string, () => boolean>> = {
    'code-replayed': () => history.attempts('redeem', code).length > 1,
    'refresh-token-reused': () => history.tokensOf(code).some((token) => mayBeReuse(token, history)),
    'consent-withdrawn': () => history.may('withdraw', `${sub} ${client}`),
    'password-changed': () => history.may('set-password', sub),
    'account-locked': () => history.may('lock', sub),
    'client-removed': () => history.may('remove-client', client),
  };
  return causes[reason]?.() === true ? [] : [`the grant ${grant} was revoked (${reason}), and nobody gave cause`];
}

/** A second use that may have come after the grace period (F4, F5). */
function mayBeReuse(token: string, history: History): boolean {
  const attempts = history.attempts('refresh', token);
  const grace = (history.journal.refreshTokens.get(token)?.grace ?? 0) * 1000;
  const first = Math.min(...attempts.map(({ sentAt }) => sentAt));
  const last = Math.max(...attempts.map(({ endedAt }) => endedAt));
  return attempts.length > 1 && last - first >= grace;
}

/** T19: a refusal means that somebody was there before, and then the whole grant is dead when the answer comes. */
function refusedRedemption(hash: string, attempts: readonly Attempt[], history: History): string[] {
  if (!attempts.some(({ outcome }) => outcome === 'refused')) return [];
  const { clientId, sub } = history.holderOf(hash);
  if (history.may('remove-client', clientId) || history.may('lock', sub)) return [];
  const code = history.code(hash);
  if (code === undefined) {
    const forgotten = history.may('withdraw', `${sub} ${clientId}`) || history.may('set-password', sub);
    return forgotten ? [] : [`the code ${hash} was issued and is not there`];
  }
  if (!code.redeemed) return [`the code ${hash} was refused, and nobody has redeemed it`];
  return history.isOver(hash) ? [] : [`the code ${hash} was replayed, and its grant is not revoked`];
}

function refusedRefresh(token: string, attempts: readonly Attempt[], history: History): string[] {
  if (!attempts.some(({ outcome }) => outcome === 'refused')) return [];
  const code = history.journal.refreshTokens.get(token)?.code ?? '';
  if (history.may('remove-client', history.holderOf(code).clientId)) return [];
  return history.isOver(code) ? [] : [`the refresh token ${token} was refused, and its grant is not revoked`];
}

/** What the handlers of the server have to do for each event that they were given. */
function undelivered({ events, grants, open }: Stored): string[] {
  const waiting = new Set(open.map(({ position }) => position));
  const bySub = grouped(grants, ({ sub }) => sub);
  const byClient = grouped(grants, ({ client_id }) => client_id);
  return events.filter(({ position }) => !waiting.has(position)).flatMap(({ type, data, time, position }) => {
    const [sub, client] = [String(data['sub']), String(data['client_id'])];
    const endings: Readonly<Record<string, () => readonly Grant[] | undefined>> = {
      'authorization.consent-withdrawn': () => bySub.get(sub)?.filter(({ client_id }) => client_id === client),
      'authentication.account-locked': () => bySub.get(sub),
      'authentication.account-changed': () => (data['change'] === 'password' ? bySub.get(sub) : []),
      'client-registry.client-removed': () => byClient.get(client),
    };
    const alive = (endings[type]?.() ?? []).filter(({ revoked, created_at }) => !revoked && created_at <= time);
    return alive.map(({ id }) => `the grant ${id} goes on after ${type} at position ${position}`);
  });
}

function wrongLook(look: Look, history: History): string[] {
  return look.good ? goodAfterRefusal(look, history) : refusedWithoutReason(look, history);
}

function goodAfterRefusal({ code, sentAt }: Look, history: History): string[] {
  const attempts = [
    ...history.attempts('redeem', code),
    ...history.tokensOf(code).flatMap((token) => history.attempts('refresh', token)),
  ];
  const isDead = attempts.some(({ outcome, endedAt }) => outcome === 'refused' && endedAt < sentAt);
  return isDead ? [`an access token from the code ${code} was good after the refusal that revoked its grant`] : [];
}

function refusedWithoutReason({ code }: Look, history: History): string[] {
  const { clientId, sub } = history.holderOf(code);
  const isExcused = history.isOver(code) || history.may('remove-client', clientId) || history.may('lock', sub);
  return isExcused ? [] : [`an access token from the code ${code} was refused, and its grant is not revoked`];
}
