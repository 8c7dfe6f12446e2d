/** Compares what the endpoints answer when everything runs again with what the journal and the tables say. */
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { Browser, type Page } from '#test/browser.js';
import { logIn } from '#test/flow.js';
import { USERINFO } from '#test/tokens.js';
import type { Administrator } from './workload/administrator.js';
import { requestTokens } from './workload/client-grant.js';
import { oauthClient } from './workload/clients.js';
import type { HttpClient } from './workload/http-client.js';
import type { Credentials } from './workload/user.js';
import type { Journal, ReceivedIdToken, ReceivedToken } from './journal.js';
import type { Snapshot } from './snapshot.js';

const CONCURRENCY = 4;

/** An access token of a grant is accepted if and only if the grant is not revoked; those of the administrator always are. */
export async function checkAccessTokens(
  tokens: readonly ReceivedToken[],
  http: HttpClient,
  read: () => Promise<Snapshot>,
): Promise<string[]> {
  const before = validTokens(await read());
  const seen = new Map<string, number>();
  await forEachConcurrently(tokens, async ({ value, hash, code }) => {
    const path = code === undefined ? '/admin/v1/events?limit=1' : USERINFO;
    const reply = await http.send(path, { headers: { authorization: `Bearer ${value}` } });
    seen.set(hash, reply?.status ?? 0);
  });
  // A handler may have revoked a grant in the meantime.
  const after = validTokens(await read());
  return tokens.flatMap(({ hash, clientId }) => {
    const status = seen.get(hash) ?? 0;
    const isRight = status === 200 ? before.has(hash) : status === 401 && !after.has(hash);
    if (isRight) return [];
    return [`an access token of ${clientId} got a ${status}, but its grant is ${after.has(hash) ? 'not revoked' : 'revoked'}`];
  });
}

function validTokens({ accessTokens, grants, clients }: Snapshot): Set<string> {
  const active = new Set(grants.filter(({ revoked }) => !revoked).map(({ id }) => id));
  const known = new Set(clients.map(({ client_id }) => client_id));
  const valid = accessTokens.filter(({ grant_id, client_id }) => known.has(client_id) && (grant_id === null || active.has(grant_id)));
  return new Set(valid.map(({ hash }) => hash));
}

/** Each ID token can be verified with the keys of either server. */
export async function checkIdTokens(tokens: readonly ReceivedIdToken[], urls: readonly string[], issuer: string): Promise<string[]> {
  const problems: string[] = [];
  for (const url of urls) {
    const published = (await (await fetch(`${url}/oauth/v2/jwks`)).json()) as JSONWebKeySet;
    const keys = createLocalJWKSet(published);
    for (const { value, clientId, sub } of tokens) {
      await jwtVerify(value, keys, { issuer, audience: clientId, subject: sub }).catch((error: unknown) => {
        problems.push(`an ID token of ${sub} for ${clientId} cannot be verified with the keys of ${url}: ${String(error)}`);
      });
    }
  }
  return problems;
}

/** Users whose sign-up was answered can log in from another browser. */
export async function checkLogins(users: readonly Credentials[], http: HttpClient, journal: Journal): Promise<string[]> {
  const problems: string[] = [];
  for (const { username, password } of users) {
    const browser = new Browser(http.url());
    const sentAt = Date.now();
    const visit = async (): Promise<Page> => logIn(browser, await browser.get('/login'), { sub: username, username, password });
    const page = await http.page(visit, 'POST /login');
    const outcome = page === undefined ? 'unknown' : page.status === 303 ? 'done' : 'refused';
    journal.record({ change: 'log-in', key: username, sentAt, endedAt: Date.now(), outcome });
    if (outcome !== 'done') problems.push(`${username} signed up but cannot log in: ${String(page?.status)}`);
  }
  return problems;
}

/** Each client and secret whose creation was answered is there unless it was removed. */
export async function checkClients(journal: Journal, administrator: Administrator, http: HttpClient): Promise<string[]> {
  const uncertain = new Set(journal.of('remove-client').filter(({ outcome }) => outcome === 'unknown').map(({ key }) => key));
  const removed = new Set(journal.of('remove-client').filter(({ outcome }) => outcome === 'done').map(({ key }) => key));
  const registered = journal.of('register-client').filter(({ key, outcome }) => outcome === 'done' && !uncertain.has(key));
  const problems: string[] = [];
  for (const { key } of registered.slice(-40)) {
    const isThere = await administrator.exists(`/clients/${key}`);
    if (isThere === removed.has(key)) problems.push(`the client ${key} is ${isThere ? 'there but was removed' : 'missing'}`);
  }
  for (const { id, clientId, value, removed: isRemoved } of administrator.secrets.slice(-40)) {
    if (isRemoved === undefined) continue;
    const sentAt = Date.now();
    const reply = await requestTokens(http, oauthClient(clientId, value, {}), { grant_type: 'client_credentials', scope: 'api' });
    const outcome = reply === undefined ? 'unknown' : reply.status === 200 ? 'done' : 'refused';
    journal.record({ change: 'client-credentials', key: clientId, sentAt, endedAt: Date.now(), outcome });
    if (reply?.status !== (isRemoved ? 401 : 200)) problems.push(`the secret ${id} is answered with ${String(reply?.status)}`);
  }
  return problems;
}

async function forEachConcurrently<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const remaining = items.values();
  const workThrough = async (): Promise<void> => {
    for (const item of remaining) await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, workThrough));
}
