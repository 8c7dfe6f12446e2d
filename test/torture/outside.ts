/** What a client, a person and an administrator see from outside when all is up again, against what was promised. */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { Browser, type Page } from '#test/browser.js';
import { logIn } from '#test/flow.js';
import { USERINFO } from '#test/tokens.js';
import type { Administrator } from './workload/administrator.js';
import { requestTokens } from './workload/grant.js';
import { type Credentials, loadClient } from './workload/parties.js';
import type { Wire } from './workload/wire.js';
import type { Journal, ReceivedIdToken, ReceivedToken } from './journal.js';
import type { Stored } from './stored.js';

const AT_ONCE = 4;

/** Whether each access token is good now: that of a grant exactly while the grant is alive, that of the keeper always. */
export async function judgeAccessTokens(tokens: readonly ReceivedToken[], wire: Wire, read: () => Promise<Stored>): Promise<string[]> {
  const before = goodTokens(await read());
  const seen = new Map<string, number>();
  await inTurns(tokens, async ({ value, hash, code }) => {
    const path = code === undefined ? '/admin/v1/events?limit=1' : USERINFO;
    const reply = await wire.send(path, { headers: { authorization: `Bearer ${value}` } });
    seen.set(hash, reply?.status ?? 0);
  });
  // A handler may have ended a grant meanwhile.
  const after = goodTokens(await read());
  return tokens.flatMap(({ hash, clientId }) => {
    const status = seen.get(hash) ?? 0;
    const fits = status === 200 ? before.has(hash) : status === 401 && !after.has(hash);
    if (fits) return [];
    return [`an access token of ${clientId} is answered with ${status}, and its grant is ${after.has(hash) ? 'alive' : 'over'}`];
  });
}

function goodTokens({ accessTokens, grants, clients }: Stored): Set<string> {
  const alive = new Set(grants.filter(({ revoked }) => !revoked).map(({ id }) => id));
  const known = new Set(clients.map(({ client_id }) => client_id));
  const good = accessTokens.filter(({ grant_id, client_id }) => known.has(client_id) && (grant_id === null || alive.has(grant_id)));
  return new Set(good.map(({ hash }) => hash));
}

/** Each verifies with the keys that either server publishes. */
export async function judgeIdTokens(tokens: readonly ReceivedIdToken[], urls: readonly string[], issuer: string): Promise<string[]> {
  const problems: string[] = [];
  for (const url of urls) {
    const published = (await (await fetch(`${url}/oauth/v2/jwks`)).json()) as JSONWebKeySet;
    const keys = createLocalJWKSet(published);
    for (const { value, clientId, sub } of tokens) {
      await jwtVerify(value, keys, { issuer, audience: clientId, subject: sub }).catch((error: unknown) => {
        problems.push(`an ID token of ${sub} for ${clientId} does not verify at ${url}: ${String(error)}`);
      });
    }
  }
  return problems;
}

/** People whose sign-up was answered log in from another browser. */
export async function judgeLogins(people: readonly Credentials[], wire: Wire, journal: Journal): Promise<string[]> {
  const problems: string[] = [];
  for (const { username, password } of people) {
    const browser = new Browser(wire.url());
    const sentAt = Date.now();
    const visit = async (): Promise<Page> => logIn(browser, await browser.get('/login'), { sub: username, username, password });
    const page = await wire.page(visit, 'POST /login');
    const outcome = page === undefined ? 'unknown' : page.status === 303 ? 'done' : 'refused';
    journal.note({ change: 'log-in', key: username, sentAt, endedAt: Date.now(), outcome });
    if (outcome !== 'done') problems.push(`${username} signed up, and cannot log in: ${String(page?.status)}`);
  }
  return problems;
}

/** Clients and secrets that were answered for are there, and what was removed is not. */
export async function judgeClients(journal: Journal, administrator: Administrator, wire: Wire): Promise<string[]> {
  const touched = new Set(journal.of('remove-client').filter(({ outcome }) => outcome === 'unknown').map(({ key }) => key));
  const removed = new Set(journal.of('remove-client').filter(({ outcome }) => outcome === 'done').map(({ key }) => key));
  const registered = journal.of('register-client').filter(({ key, outcome }) => outcome === 'done' && !touched.has(key));
  const problems: string[] = [];
  for (const { key } of registered.slice(-40)) {
    const isThere = await administrator.exists(`/clients/${key}`);
    if (isThere === removed.has(key)) problems.push(`the client ${key} is ${isThere ? 'there' : 'gone'}, against what was answered`);
  }
  for (const { id, clientId, value, removed: isRemoved } of administrator.secrets.slice(-40)) {
    if (isRemoved === undefined) continue;
    const sentAt = Date.now();
    const reply = await requestTokens(wire, loadClient(clientId, value, {}), { grant_type: 'client_credentials', scope: 'api' });
    const outcome = reply === undefined ? 'unknown' : reply.status === 200 ? 'done' : 'refused';
    journal.note({ change: 'client-credentials', key: clientId, sentAt, endedAt: Date.now(), outcome });
    if (reply?.status !== (isRemoved ? 401 : 200)) problems.push(`the secret ${id} is answered with ${String(reply?.status)}`);
  }
  return problems;
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const strand = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, strand));
}
