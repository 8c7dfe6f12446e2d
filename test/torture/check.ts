/** All verdicts over a house at rest. */
import { setTimeout as pause } from 'node:timers/promises';
import { Administrator } from './workload/administrator.js';
import type { Credentials } from './workload/parties.js';
import { Wire } from './workload/wire.js';
import type { Worker } from './workload/worker.js';
import type { House } from './cluster.js';
import type { Journal } from './journal.js';
import { judgeAccessTokens, judgeClients, judgeIdTokens, judgeLogins } from './outside.js';
import type { Dice } from './random.js';
import { endLeases, isAtRest, openDeliveries, readStored, type Stored } from './stored.js';
import { judgeFacts } from './invariants/facts.js';
import { judgeLog, judgeReading } from './invariants/log.js';
import { judgePromises } from './invariants/promises.js';
import { judgeRevocations } from './invariants/revocations.js';
import { judgeWinners } from './invariants/winners.js';

export interface Judged {
  readonly house: House;
  readonly journal: Journal;
  readonly wire: Wire;
  /** Who followed the log. */
  readonly administrator: Administrator;
  readonly dice: Dice;
}

/** How far earlier rounds have looked at what the journal holds. */
export interface Marks {
  accessTokens: number;
  idTokens: number;
  signUps: number;
}

const REST_MS = 40_000;
const LEASE_MS = 90_000;
const OLDER_TOKENS = 60;
const LOGINS = 6;

/** After a round: all tables, and from outside what is new since the last one, with some of what is older. */
export async function judge(judged: Judged, marks: Marks): Promise<string[]> {
  const { house, journal, wire, administrator, dice } = judged;
  await atRest(house);
  const { accessTokens, idTokens } = journal;
  const older = accessTokens.slice(0, marks.accessTokens);
  const some = Array.from({ length: Math.min(OLDER_TOKENS, older.length) }, () => dice.pick(older));
  const tokens = [...accessTokens.slice(marks.accessTokens), ...some];
  const problems = [
    ...(await judgeAccessTokens(tokens, wire, () => readStored(house.databaseUrl))),
    ...(await judgeIdTokens(idTokens.slice(marks.idTokens), house.urls, house.issuer)),
    ...(await judgeLogins(newPeople(journal, marks), wire, journal)),
    ...(await judgeClients(journal, administrator, wire)),
    ...(await judgeTables(judged)),
    ...journal.complaints.splice(0),
  ];
  Object.assign(marks, { accessTokens: accessTokens.length, idTokens: idTokens.length });
  return problems;
}

/** At the end: every handler has got every event, every token is tried, and both servers tell the whole log. */
export async function judgeAtLast(judged: Judged & { workers: readonly Worker[]; waitsForLeases: boolean }): Promise<string[]> {
  const { house, journal, wire, workers } = judged;
  if (!judged.waitsForLeases) await endLeases(house.databaseUrl);
  await until(async () => (await openDeliveries(house.databaseUrl)) === 0, LEASE_MS, 'a handler never got its event');
  for (const grant of workers.flatMap(({ grants }) => grants)) await grant.lastRefresh();
  await atRest(house);
  const problems = [
    ...(await judgeAccessTokens(journal.accessTokens, wire, () => readStored(house.databaseUrl))),
    ...(await judgeTables(judged)),
    ...journal.complaints.splice(0),
  ];
  const { events } = await readStored(house.databaseUrl);
  for (const url of house.urls) problems.push(...(await judgeWholeLog(judged, url, events)));
  return problems;
}

async function judgeTables({ house, journal, administrator }: Judged): Promise<string[]> {
  while (await administrator.readOn());
  await atRest(house);
  const stored = await readStored(house.databaseUrl);
  return [
    ...judgeLog(stored),
    ...judgeFacts(stored),
    ...judgeWinners(journal, stored),
    ...judgePromises(journal, stored),
    ...judgeRevocations(journal, stored),
    ...judgeReading(administrator.read, stored.events, 'who followed the log'),
  ];
}

async function judgeWholeLog({ journal, administrator }: Judged, url: string, events: Stored['events']): Promise<string[]> {
  const reader = administrator.from(new Wire(journal, () => url));
  while (await reader.readOn());
  const problems = judgeReading(reader.read, events, `a reader at ${url}`);
  const missing = events.length - reader.read.length;
  return missing > 0 ? [...problems, `${missing} events are not told at ${url}`] : problems;
}

/** Those whose sign-up was answered, and whose password nobody has changed since. */
function newPeople(journal: Journal, marks: Marks): Credentials[] {
  const signedUp = [...journal.passwords].slice(marks.signUps);
  marks.signUps = journal.passwords.size;
  const touched = new Set([...journal.of('lock'), ...journal.of('set-password')].map(({ key }) => key));
  return signedUp
    .filter(([username]) => !touched.has(username))
    .slice(0, LOGINS)
    .map(([username, password]) => ({ username, password }));
}

async function atRest(house: House): Promise<void> {
  await house.ready();
  await until(() => isAtRest(house.databaseUrl), REST_MS, 'the servers do not come to rest');
}

async function until(check: () => Promise<boolean>, ms: number, failure: string): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`${failure} (after ${ms / 1000} s)`);
    await pause(100);
  }
}
