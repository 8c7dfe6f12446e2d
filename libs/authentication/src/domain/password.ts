import { usernameKey } from './username.js';

/** NIST SP 800-63B §5.1.1.2 asks for length and forbids rules of composition. */
const MIN_CHARACTERS = 8;
const MAX_BYTES = 1024;

/** One text typed on two keyboards may arrive as different code points; NFC makes them one password. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/** Longer texts are refused before they cost a hash. */
export function isHashable(password: string): boolean {
  return Buffer.byteLength(password) <= MAX_BYTES;
}

/** Why a text cannot be the password of `username`; undefined where it can. */
export function passwordProblem(password: string, username: string): { rule: string; detail: string } | undefined {
  if (/\p{Cs}/u.test(password)) return { rule: 'unicode', detail: 'must be well-formed Unicode' };
  if (Array.from(normalisePassword(password)).length < MIN_CHARACTERS) {
    return { rule: 'min-length', detail: `must have at least ${String(MIN_CHARACTERS)} characters` };
  }
  if (!isHashable(normalisePassword(password))) {
    return { rule: 'max-length', detail: `must have at most ${String(MAX_BYTES)} bytes` };
  }
  if (usernameKey(password) === usernameKey(username)) return { rule: 'not-username', detail: 'must differ from the username' };
  return undefined;
}

/** Memory in KiB, passes, lanes. */
export interface Argon2Cost {
  readonly m: number;
  readonly t: number;
  readonly p: number;
}

/** The most that a hash brought along may cost each login; above it, one account would slow all others down. */
const MAX_COST: Argon2Cost = { m: 256 * 1024, t: 10, p: 4 };

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** The cost of an argon2id hash in PHC string format; undefined where the text is none. */
export function argon2Cost(phc: string): Argon2Cost | undefined {
  const [, m, t, p] = PHC.exec(phc) ?? [];
  return m === undefined ? undefined : { m: Number(m), t: Number(t), p: Number(p) };
}

/** Why a text cannot be a password hash brought along from elsewhere; undefined where it can. */
export function passwordHashProblem(phc: string): { rule: string; detail: string } | undefined {
  const cost = argon2Cost(phc);
  if (cost === undefined) return { rule: 'phc', detail: 'must be an argon2id hash in PHC string format, version 19' };
  // RFC 9106 §3.1: at least one pass, one lane and 8 KiB for each lane.
  const legal = cost.t >= 1 && cost.p >= 1 && cost.m >= 8 * cost.p;
  if (!legal || cost.m > MAX_COST.m || cost.t > MAX_COST.t || cost.p > MAX_COST.p) {
    const { m, t, p } = MAX_COST;
    return { rule: 'cost', detail: `must cost at most m=${String(m)}, t=${String(t)}, p=${String(p)}` };
  }
  return undefined;
}
