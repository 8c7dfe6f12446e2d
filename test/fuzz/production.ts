import { randomBytes } from 'node:crypto';
import type { Draft, Header } from './draft.js';
import { MARK, STRINGS } from './hostile.js';
import { cookieHeader, type FuzzBrowser, type FuzzClient, type Pool } from './pool.js';
import type { Random } from './random.js';

/** One way to make a request; `weight` says how often, against those of the others. */
export interface Production {
  readonly weight: number;
  readonly make: (random: Random, pool: Pool) => Draft;
}

/** What stands in for a thing that the pool is out of. */
export const NOTHING = 'AGsDNothingNothingNothingNothingNothingNothingNothingNoth';

/** One that is logged in, most of the time. */
export function aBrowser(random: Random, pool: Pool): FuzzBrowser {
  const [any, signedIn] = [random.among(pool.browsers), random.among(pool.browsers.filter(isSignedIn))];
  return (random.chance(0.75) ? signedIn : any) ?? any ?? { cookies: new Map(), csrf: '' };
}

function isSignedIn({ cookies: kept }: FuzzBrowser): boolean {
  return kept.has('gatehouse-session');
}

export function cookies(browser: FuzzBrowser): readonly Header[] {
  return browser.cookies.size === 0 ? [] : [['Cookie', cookieHeader(browser)]];
}

/** A client of the code flow, or at times one that is none. */
export function aClient(random: Random, pool: Pool): FuzzClient {
  const all = random.chance(0.97) ? pool.clients.filter(({ redirectUris }) => redirectUris.length > 0) : pool.clients;
  const [tame, wild, chance] = [random.among(all), random.among(pool.wildFlows.items), random.next()];
  const client = chance < 0.9 ? tame : (wild ?? tame);
  if (client === undefined) throw new Error('the pool has no client: prepare it first');
  return client;
}

interface Credentials {
  readonly form: Readonly<Record<string, string>>;
  readonly headers: readonly Header[];
}

/** As the client registered it (RFC 6749 §2.3.1): the parameters and headers that prove it. */
export function credentials({ clientId, secret, method }: FuzzClient): Credentials {
  if (method === 'none') return { form: { client_id: clientId }, headers: [] };
  if (method === 'client_secret_post') return { form: { client_id: clientId, client_secret: secret }, headers: [] };
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  return { form: {}, headers: [['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`]] };
}

export function bearer(token: string | undefined): readonly Header[] {
  return [['Authorization', `Bearer ${token ?? NOTHING}`]];
}

/** From an address of its own, so that the slow-down of guesses by address stays out of the way. */
export function fromSomewhere(random: Random): Header {
  return ['X-Forwarded-For', `10.${String(random.int(256))}.${String(random.int(256))}.${String(random.int(256))}`];
}

/** The text that is meant, at times the mark of a script, or something hostile. */
export function text(random: Random, meant: string): string {
  const chance = random.next();
  const hostile = random.pick(STRINGS);
  if (chance < 0.97) return meant;
  return chance < 0.985 ? MARK : hostile;
}

/** What is meant, or seldom one of the others. */
export function mostly<T>(random: Random, meant: T, others: readonly [T, ...T[]]): T {
  const other = random.pick(others);
  return random.chance(0.96) ? meant : other;
}

/** With probability `probability` the value, else nothing; draws once in either case. */
export function maybe<T>(random: Random, probability: number, value: T): T | undefined {
  return random.chance(probability) ? value : undefined;
}

/** A name that no other run has given. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
