/** Every row has its event, and every event its row: the tables are compared with the event log. */
import type { Snapshot, LoggedEvent } from '../snapshot.js';

/** The client that the first start creates. Its tokens are short-lived, so the cleanup may delete them during the run. */
export const FIRST_ADMINISTRATOR = 'admin';

export function checkEventsMatchTables(snapshot: Snapshot): string[] {
  const events = new EventsByType(snapshot.events);
  return [
    ...codesAndGrants(snapshot, events),
    ...accessTokens(snapshot, events),
    ...users(snapshot, events),
    ...clients(snapshot, events),
  ];
}

class EventsByType {
  readonly #byType = new Map<string, LoggedEvent[]>();

  constructor(events: readonly LoggedEvent[]) {
    for (const event of events) {
      const others = this.#byType.get(event.type);
      if (others === undefined) this.#byType.set(event.type, [event]);
      else others.push(event);
    }
  }

  of(...types: readonly string[]): readonly LoggedEvent[] {
    return types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  /** The values of one field of all events of a type. */
  values(type: string, field: string): string[] {
    return this.of(type).map(({ data }) => String(data[field]));
  }
}

function codesAndGrants({ codes, grants }: Snapshot, events: EventsByType): string[] {
  const stored = new Set(codes.map(({ grant_id }) => grant_id));
  const isDeleted = codesDeletedBy(events);
  const issued = events.of('authorization.code-issued').filter((event) => stored.has(String(event.data['grant_id'])) || !isDeleted(event));
  const endedWithAccount = events.of('authorization.grant-revoked').filter(({ data }) => String(data['reason']).startsWith('account-'));
  const withoutTokens = new Set(endedWithAccount.map(({ data }) => String(data['grant_id'])));
  const issuedToUsers = events.of('token.tokens-issued').filter(({ data }) => data['grant_id'] !== null);
  const firstTokens = issuedToUsers.map(({ data }) => String(data['grant_id']));
  const withTokens = new Set(firstTokens);
  return [
    ...differences('CodeIssued', codes.map(({ grant_id }) => grant_id), issued.map(({ data }) => String(data['grant_id']))),
    ...differences('CodeRedeemed', ids(codes.filter(({ redeemed }) => redeemed)), events.values('authorization.code-redeemed', 'grant_id')),
    ...differences('CodeReplayed', ids(codes.filter(({ replayed }) => replayed)), events.values('authorization.code-replayed', 'grant_id')),
    ...differences('CodeRedeemed, the grant', grants.map(({ id }) => id), events.values('authorization.code-redeemed', 'grant_id')),
    ...differences('TokensIssued', grants.map(({ id }) => id).filter((id) => withTokens.has(id) || !withoutTokens.has(id)), firstTokens),
    ...differences(
      'GrantRevoked',
      grants.filter(({ revoked }) => revoked).map(({ id }) => id),
      events.values('authorization.grant-revoked', 'grant_id'),
    ),
  ];
}

function ids(codes: Snapshot['codes']): string[] {
  return codes.map(({ grant_id }) => grant_id);
}

/** A withdrawn consent and a new password delete the codes that were not redeemed (docs/protocol.md). */
function codesDeletedBy(events: EventsByType): (code: LoggedEvent) => boolean {
  const last = new Map<string, number>();
  for (const { data, position } of events.of('authorization.consent-withdrawn')) {
    last.set(`${String(data['sub'])} ${String(data['client_id'])}`, position);
  }
  for (const { data, position } of events.of('authentication.account-changed')) {
    if (data['change'] === 'password') last.set(String(data['sub']), position);
  }
  return ({ data, position }) => {
    const [sub, client] = [String(data['sub']), String(data['client_id'])];
    return Math.max(last.get(`${sub} ${client}`) ?? 0, last.get(sub) ?? 0) > position;
  };
}

function accessTokens({ accessTokens: tokens }: Snapshot, events: EventsByType): string[] {
  const owner = (grant: unknown, client: unknown): string => (typeof grant === 'string' ? grant : String(client));
  const stored = tokens.map(({ grant_id, client_id }) => owner(grant_id, client_id));
  const logged = events.of('token.tokens-issued', 'token.tokens-refreshed').map(({ data }) => owner(data['grant_id'], data['client_id']));
  return differences('TokensIssued or TokensRefreshed', stored.filter(isNotAdmin), logged.filter(isNotAdmin));
}

function isNotAdmin(clientId: string): boolean {
  return clientId !== FIRST_ADMINISTRATOR;
}

function users({ accounts, sessions, consents }: Snapshot, events: EventsByType): string[] {
  const ended = new Set(events.values('authentication.session-ended', 'sid'));
  const started = events.values('authentication.session-started', 'sid');
  const allowed = new Map<string, boolean>();
  const changes = [...events.of('authorization.consent-granted', 'authorization.consent-withdrawn')];
  changes.sort((a, b) => a.position - b.position);
  for (const { data, type } of changes) allowed.set(`${String(data['sub'])} ${String(data['client_id'])}`, type.endsWith('granted'));
  const removed = new Set(events.values('client-registry.client-removed', 'client_id'));
  const granted = [...allowed].filter(([key, isGranted]) => isGranted && !removed.has(key.split(' ')[1] ?? '')).map(([key]) => key);
  const stored = consents.filter(({ client_id }) => !removed.has(client_id)).map(({ sub, client_id }) => `${sub} ${client_id}`);
  return [
    ...differences('AccountCreated', accounts.map(({ sub }) => sub), events.values('authentication.account-created', 'sub')),
    ...differences(
      'AccountLocked',
      accounts.filter(({ locked }) => locked).map(({ sub }) => sub),
      events.values('authentication.account-locked', 'sub'),
    ),
    ...differences('SessionStarted', sessions.map(({ sid }) => sid), started.filter((sid) => !ended.has(sid))),
    ...differences('SessionStarted, the login', events.values('authentication.login-succeeded', 'sid'), started),
    ...differences('ConsentGranted', stored, granted),
  ];
}

function clients({ clients: stored, secrets }: Snapshot, events: EventsByType): string[] {
  const removedClients = new Set(events.values('client-registry.client-removed', 'client_id'));
  const registered = events.values('client-registry.client-registered', 'client_id');
  const changes = events.values('client-registry.client-changed', 'client_id');
  const versions = new Map(registered.map((id) => [id, 1]));
  for (const id of changes) versions.set(id, (versions.get(id) ?? 1) + 1);
  const resets = events.of('client-registry.client-secret-reset').filter(({ data }) => !removedClients.has(String(data['client_id'])));
  const removed = new Set(resets.filter(({ data }) => data['change'] === 'removed').map(({ data }) => String(data['secret_id'])));
  const created = resets.filter(({ data }) => data['change'] === 'created').map(({ data }) => String(data['secret_id']));
  const current = created.filter((id) => !removed.has(id));
  const known = new Set(created);
  // The first secret of a client is part of the event ClientRegistered.
  const withoutEvent = secrets.filter(({ id }) => !known.has(id)).map(({ client_id }) => client_id);
  return [
    ...differences(
      'ClientRegistered and ClientChanged',
      stored.map(({ client_id, version }) => `${client_id} at version ${version}`),
      registered.filter((id) => !removedClients.has(id)).map((id) => `${id} at version ${String(versions.get(id))}`),
    ),
    ...differences('ClientSecretReset', secrets.map(({ id }) => id).filter((id) => known.has(id)), current),
    ...repeated(withoutEvent).map((id) => `the client ${id} has secrets without an event`),
    ...secrets.filter(({ id }) => removed.has(id)).map(({ id }) => `the secret ${id} is stored after the event of its removal`),
  ];
}

/** The keys whose counts differ: a row without its event, an event without its row, or an event that was recorded twice. */
function differences(event: string, stored: readonly string[], logged: readonly string[]): string[] {
  const counts = new Map<string, { stored: number; logged: number }>();
  const countsOf = (key: string): { stored: number; logged: number } => {
    const found = counts.get(key) ?? { stored: 0, logged: 0 };
    counts.set(key, found);
    return found;
  };
  for (const key of stored) countsOf(key).stored += 1;
  for (const key of logged) countsOf(key).logged += 1;
  return [...counts]
    .filter(([, count]) => count.stored !== count.logged)
    .map(([key, count]) => `${event}: ${count.logged} events for ${count.stored} rows, ${key}`);
}

function repeated(keys: readonly string[]): string[] {
  return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
}
