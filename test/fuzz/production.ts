import { randomBytes } from 'node:crypto';
import type { Draft, Header } from './draft.js';
import { MARK, STRINGS } from './hostile-values.js';
import { cookieHeader, type FuzzBrowser, type FuzzClient, type Pool } from './pool.js';
import type { Random } from './random.js';

/** One way to create a request. Its frequency is `weight` in relation to the weights of all productions. */
export interface Production {
  readonly weight: number;
  readonly make: (random: Random, pool: Pool) => Draft;
}

/** Used if the pool has no code, token or handle. */
export const MISSING_SECRET = 'AGsDNothingNothingNothingNothingNothingNothingNothingNoth';

/** Mostly a browser with a session. */
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

/** Mostly a client of the code flow, sometimes another one. */
export function aClient(random: Random, pool: Pool): FuzzClient {
  const all = random.chance(0.97) ? pool.clients.filter(({ redirectUris }) => redirectUris.length > 0) : pool.clients;
  const [fixed, created, chance] = [random.among(all), random.among(pool.createdFlowClients.items), random.next()];
  const client = chance < 0.9 ? fixed : (created ?? fixed);
  if (client === undefined) throw new Error('the pool has no client: call preparePool first');
  return client;
}

interface Credentials {
  readonly form: Readonly<Record<string, string>>;
  readonly headers: readonly Header[];
}

/** The parameters and headers for the authentication method of the client (RFC 6749 §2.3.1). */
export function credentials({ clientId, secret, method }: FuzzClient): Credentials {
  if (method === 'none') return { form: { client_id: clientId }, headers: [] };
  if (method === 'client_secret_post') return { form: { client_id: clientId, client_secret: secret }, headers: [] };
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  return { form: {}, headers: [['Authorization', `Basic ${Buffer.from(pair).toString('base64')}`]] };
}

export function bearer(token: string | undefined): readonly Header[] {
  return [['Authorization', `Bearer ${token ?? MISSING_SECRET}`]];
}

/** A random address, because the server slows down many failed logins from one address. */
export function fromRandomAddress(random: Random): Header {
  return ['X-Forwarded-For', `10.${String(random.int(256))}.${String(random.int(256))}.${String(random.int(256))}`];
}

/** Mostly the valid text, sometimes the mark of an injection or another hostile value. */
export function text(random: Random, valid: string): string {
  const chance = random.next();
  const hostile = random.pick(STRINGS);
  if (chance < 0.97) return valid;
  return chance < 0.985 ? MARK : hostile;
}

/** Mostly the valid value, sometimes one of the others. */
export function mostly<T>(random: Random, valid: T, others: readonly [T, ...T[]]): T {
  const other = random.pick(others);
  return random.chance(0.96) ? valid : other;
}

/** The value with the given probability, otherwise undefined. Draws once in either case. */
export function maybe<T>(random: Random, probability: number, value: T): T | undefined {
  return random.chance(probability) ? value : undefined;
}

/** A name that no other run has used. */
export function freshName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
