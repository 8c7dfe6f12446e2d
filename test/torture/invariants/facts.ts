/** Every fact has its event and every event its fact: what the tables hold against what the log tells. */
import type { Stored, StoredEvent } from '../stored.js';

/** The client of the first start, whose short-lived tokens are swept away in between. */
export const FIRST_ADMINISTRATOR = 'admin';

export function judgeFacts(stored: Stored): string[] {
  const told = new Told(stored.events);
  return [
    ...codesAndGrants(stored, told),
    ...accessTokens(stored, told),
    ...people(stored, told),
    ...clients(stored, told),
  ];
}

/** The events, by type. */
class Told {
  readonly #byType = new Map<string, StoredEvent[]>();

  constructor(events: readonly StoredEvent[]) {
    for (const event of events) {
      const others = this.#byType.get(event.type);
      if (others === undefined) this.#byType.set(event.type, [event]);
      else others.push(event);
    }
  }

  of(...types: readonly string[]): readonly StoredEvent[] {
    return types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  /** One field of each event of a type. */
  each(type: string, field: string): string[] {
    return this.of(type).map(({ data }) => String(data[field]));
  }
}

function codesAndGrants({ codes, grants }: Stored, told: Told): string[] {
  const kept = new Set(codes.map(({ grant_id }) => grant_id));
  const forgotten = forgottenBy(told);
  const issued = told.of('authorization.code-issued').filter((event) => kept.has(String(event.data['grant_id'])) || !forgotten(event));
  const ended = told.of('authorization.grant-revoked').filter(({ data }) => String(data['reason']).startsWith('account-'));
  const withoutTokens = new Set(ended.map(({ data }) => String(data['grant_id'])));
  const ofUsers = told.of('token.tokens-issued').filter(({ data }) => data['grant_id'] !== null);
  const first = ofUsers.map(({ data }) => String(data['grant_id']));
  const begun = new Set(first);
  return [
    ...differences('CodeIssued', codes.map(({ grant_id }) => grant_id), issued.map(({ data }) => String(data['grant_id']))),
    ...differences('CodeRedeemed', ids(codes.filter(({ redeemed }) => redeemed)), told.each('authorization.code-redeemed', 'grant_id')),
    ...differences('CodeReplayed', ids(codes.filter(({ replayed }) => replayed)), told.each('authorization.code-replayed', 'grant_id')),
    ...differences('CodeRedeemed, the grant', grants.map(({ id }) => id), told.each('authorization.code-redeemed', 'grant_id')),
    ...differences('TokensIssued', grants.map(({ id }) => id).filter((id) => begun.has(id) || !withoutTokens.has(id)), first),
    ...differences(
      'GrantRevoked',
      grants.filter(({ revoked }) => revoked).map(({ id }) => id),
      told.each('authorization.grant-revoked', 'grant_id'),
    ),
  ];
}

function ids(codes: Stored['codes']): string[] {
  return codes.map(({ grant_id }) => grant_id);
}

/** Unspent codes go with the consent, and with the password (docs/protocol.md). */
function forgottenBy(told: Told): (code: StoredEvent) => boolean {
  const last = new Map<string, number>();
  for (const { data, position } of told.of('authorization.consent-withdrawn')) {
    last.set(`${String(data['sub'])} ${String(data['client_id'])}`, position);
  }
  for (const { data, position } of told.of('authentication.account-changed')) {
    if (data['change'] === 'password') last.set(String(data['sub']), position);
  }
  return ({ data, position }) => {
    const [sub, client] = [String(data['sub']), String(data['client_id'])];
    return Math.max(last.get(`${sub} ${client}`) ?? 0, last.get(sub) ?? 0) > position;
  };
}

function accessTokens({ accessTokens: tokens }: Stored, told: Told): string[] {
  const owner = (grant: unknown, client: unknown): string => (typeof grant === 'string' ? grant : String(client));
  const kept = tokens.map(({ grant_id, client_id }) => owner(grant_id, client_id));
  const events = told.of('token.tokens-issued', 'token.tokens-refreshed').map(({ data }) => owner(data['grant_id'], data['client_id']));
  return differences('TokensIssued or TokensRefreshed', kept.filter(isNotAdmin), events.filter(isNotAdmin));
}

function isNotAdmin(clientId: string): boolean {
  return clientId !== FIRST_ADMINISTRATOR;
}

function people({ accounts, sessions, consents }: Stored, told: Told): string[] {
  const ended = new Set(told.each('authentication.session-ended', 'sid'));
  const started = told.each('authentication.session-started', 'sid');
  const allowed = new Map<string, boolean>();
  const answers = [...told.of('authorization.consent-granted', 'authorization.consent-withdrawn')].sort((a, b) => a.position - b.position);
  for (const { data, type } of answers) allowed.set(`${String(data['sub'])} ${String(data['client_id'])}`, type.endsWith('granted'));
  const gone = new Set(told.each('client-registry.client-removed', 'client_id'));
  const standing = [...allowed].filter(([key, granted]) => granted && !gone.has(key.split(' ')[1] ?? '')).map(([key]) => key);
  const consented = consents.filter(({ client_id }) => !gone.has(client_id)).map(({ sub, client_id }) => `${sub} ${client_id}`);
  return [
    ...differences('AccountCreated', accounts.map(({ sub }) => sub), told.each('authentication.account-created', 'sub')),
    ...differences(
      'AccountLocked',
      accounts.filter(({ locked }) => locked).map(({ sub }) => sub),
      told.each('authentication.account-locked', 'sub'),
    ),
    ...differences('SessionStarted', sessions.map(({ sid }) => sid), started.filter((sid) => !ended.has(sid))),
    ...differences('SessionStarted, the login', told.each('authentication.login-succeeded', 'sid'), started),
    ...differences('ConsentGranted', consented, standing),
  ];
}

function clients({ clients: kept, secrets }: Stored, told: Told): string[] {
  const gone = new Set(told.each('client-registry.client-removed', 'client_id'));
  const registered = told.each('client-registry.client-registered', 'client_id');
  const changes = told.each('client-registry.client-changed', 'client_id');
  const versions = new Map(registered.map((id) => [id, 1]));
  for (const id of changes) versions.set(id, (versions.get(id) ?? 1) + 1);
  const resets = told.of('client-registry.client-secret-reset').filter(({ data }) => !gone.has(String(data['client_id'])));
  const removed = new Set(resets.filter(({ data }) => data['change'] === 'removed').map(({ data }) => String(data['secret_id'])));
  const made = resets.filter(({ data }) => data['change'] === 'created').map(({ data }) => String(data['secret_id']));
  const standing = made.filter((id) => !removed.has(id));
  const known = new Set(made);
  // The first secret comes with the client, and has its event in the client's.
  const untold = secrets.filter(({ id }) => !known.has(id)).map(({ client_id }) => client_id);
  return [
    ...differences(
      'ClientRegistered and ClientChanged',
      kept.map(({ client_id, version }) => `${client_id} at version ${version}`),
      registered.filter((id) => !gone.has(id)).map((id) => `${id} at version ${String(versions.get(id))}`),
    ),
    ...differences('ClientSecretReset', secrets.map(({ id }) => id).filter((id) => known.has(id)), standing),
    ...twice(untold).map((id) => `the client ${id} has secrets without an event`),
    ...secrets.filter(({ id }) => removed.has(id)).map(({ id }) => `the secret ${id} is there after the event of its end`),
  ];
}

/** Where the two differ, counted: a fact without its event, an event without its fact, a fact told twice. */
function differences(event: string, kept: readonly string[], told: readonly string[]): string[] {
  const balance = new Map<string, { kept: number; told: number }>();
  const of = (key: string): { kept: number; told: number } => {
    const found = balance.get(key) ?? { kept: 0, told: 0 };
    balance.set(key, found);
    return found;
  };
  for (const key of kept) of(key).kept += 1;
  for (const key of told) of(key).told += 1;
  return [...balance]
    .filter(([, counts]) => counts.kept !== counts.told)
    .map(([key, counts]) => `${event}: ${counts.told} events for ${counts.kept} facts, ${key}`);
}

function twice(keys: readonly string[]): string[] {
  return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
}
