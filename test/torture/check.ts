/** Checks all invariants while the cluster is idle. */
import { setTimeout as pause } from 'node:timers/promises';
import { Administrator } from './workload/administrator.js';
import { HttpClient } from './workload/http-client.js';
import type { Credentials } from './workload/user.js';
import type { Worker } from './workload/worker.js';
import type { Cluster } from './cluster.js';
import type { Journal } from './journal.js';
import { checkAccessTokens, checkClients, checkIdTokens, checkLogins } from './endpoint-checks.js';
import type { SeededRandom } from './seeded-random.js';
import { expireLeases, isIdle, countPendingDeliveries, readSnapshot, type Snapshot } from './snapshot.js';
import { checkEventsMatchTables } from './invariants/events-match-tables.js';
import { checkEventLog, checkReader } from './invariants/event-log.js';
import { checkAnswersMatchEvents } from './invariants/answers-match-events.js';
import { checkRevocations } from './invariants/revocations.js';
import { checkSingleUse } from './invariants/single-use.js';

export interface CheckContext {
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly http: HttpClient;
  /** Has read the event log during the crashes. */
  readonly administrator: Administrator;
  readonly random: SeededRandom;
}

/** How many entries of the journal earlier rounds have checked. */
export interface CheckProgress {
  accessTokens: number;
  idTokens: number;
  signUps: number;
}

const IDLE_TIMEOUT_MS = 40_000;
const LEASE_TIMEOUT_MS = 90_000;
const OLDER_TOKENS = 60;
const LOGINS = 6;

/** After a round: checks all tables, and at the endpoints the tokens and sign-ups of this round with a sample of older tokens. */
export async function checkRound(context: CheckContext, progress: CheckProgress): Promise<string[]> {
  const { cluster, journal, http, administrator, random } = context;
  await untilIdle(cluster);
  const { accessTokens, idTokens } = journal;
  const older = accessTokens.slice(0, progress.accessTokens);
  const sample = Array.from({ length: Math.min(OLDER_TOKENS, older.length) }, () => random.pick(older));
  const tokens = [...accessTokens.slice(progress.accessTokens), ...sample];
  const problems = [
    ...(await checkAccessTokens(tokens, http, () => readSnapshot(cluster.databaseUrl))),
    ...(await checkIdTokens(idTokens.slice(progress.idTokens), cluster.urls, cluster.issuer)),
    ...(await checkLogins(newUsers(journal, progress), http, journal)),
    ...(await checkClients(journal, administrator, http)),
    ...(await checkTables(context)),
    ...journal.unexpected.splice(0),
  ];
  Object.assign(progress, { accessTokens: accessTokens.length, idTokens: idTokens.length });
  return problems;
}

/** At the end: every event was delivered to every handler, every token is used once more, and both servers return the whole log. */
export async function checkAtEnd(context: CheckContext & { workers: readonly Worker[]; waitsForLeases: boolean }): Promise<string[]> {
  const { cluster, journal, http, workers } = context;
  if (!context.waitsForLeases) await expireLeases(cluster.databaseUrl);
  await until(async () => (await countPendingDeliveries(cluster.databaseUrl)) === 0, LEASE_TIMEOUT_MS, 'a handler did not get its event');
  for (const grant of workers.flatMap(({ grants }) => grants)) await grant.refreshAtEnd();
  await untilIdle(cluster);
  const problems = [
    ...(await checkAccessTokens(journal.accessTokens, http, () => readSnapshot(cluster.databaseUrl))),
    ...(await checkTables(context)),
    ...journal.unexpected.splice(0),
  ];
  const { events } = await readSnapshot(cluster.databaseUrl);
  for (const url of cluster.urls) problems.push(...(await checkWholeLog(context, url, events)));
  return problems;
}

async function checkTables({ cluster, journal, administrator }: CheckContext): Promise<string[]> {
  while (await administrator.readNextEvents());
  await untilIdle(cluster);
  const snapshot = await readSnapshot(cluster.databaseUrl);
  return [
    ...checkEventLog(snapshot),
    ...checkEventsMatchTables(snapshot),
    ...checkSingleUse(journal, snapshot),
    ...checkAnswersMatchEvents(journal, snapshot),
    ...checkRevocations(journal, snapshot),
    ...checkReader(administrator.read, snapshot.events, 'the reader during the crashes'),
  ];
}

async function checkWholeLog({ journal, administrator }: CheckContext, url: string, events: Snapshot['events']): Promise<string[]> {
  const reader = administrator.newReader(new HttpClient(journal, () => url));
  while (await reader.readNextEvents());
  const problems = checkReader(reader.read, events, `a reader at ${url}`);
  const missing = events.length - reader.read.length;
  return missing > 0 ? [...problems, `${url} does not return ${missing} events`] : problems;
}

/** Users whose sign-up was answered, and whose account and password no administrator changed. */
function newUsers(journal: Journal, progress: CheckProgress): Credentials[] {
  const signedUp = [...journal.passwords].slice(progress.signUps);
  progress.signUps = journal.passwords.size;
  const touched = new Set([...journal.of('lock'), ...journal.of('set-password')].map(({ key }) => key));
  return signedUp
    .filter(([username]) => !touched.has(username))
    .slice(0, LOGINS)
    .map(([username, password]) => ({ username, password }));
}

async function untilIdle(cluster: Cluster): Promise<void> {
  await cluster.untilReady();
  await until(() => isIdle(cluster.databaseUrl), IDLE_TIMEOUT_MS, 'the servers did not become idle');
}

async function until(check: () => Promise<boolean>, ms: number, failure: string): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${failure} (after ${ms / 1000} s)`);
    await pause(100);
  }
}
