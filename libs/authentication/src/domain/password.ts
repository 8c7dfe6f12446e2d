import type { Problem } from '#document/meanings.js';
import { usernameKey } from './username.js';

/** NIST SP 800-63B §5.1.1.2 asks for length and forbids rules of composition. */
const MIN_CHARACTERS = 8;
const MAX_BYTES = 1024;
/** In units of UTF-16, before normalisation, which makes at least one byte of four of them. */
const MAX_UNITS = 4 * MAX_BYTES;

const TOO_LONG: Problem = { rule: 'max-length', detail: `must have at most ${String(MAX_BYTES)} bytes` };

/** One text typed on two keyboards may arrive as different code points; NFC makes them one password. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/** A longer text is refused before it costs a hash. */
export function isHashable(password: string): boolean {
  return Buffer.byteLength(password) <= MAX_BYTES;
}

/** Why a text cannot be the password of `username`, or undefined. */
export function passwordProblem(password: string, username: string): Problem | undefined {
  if (password.length > MAX_UNITS) return TOO_LONG;
  if (/\p{Cs}/u.test(password)) return { rule: 'unicode', detail: 'must be well-formed Unicode' };
  const normalised = normalisePassword(password);
  if (Array.from(normalised).length < MIN_CHARACTERS) {
    return { rule: 'min-length', detail: `must have at least ${String(MIN_CHARACTERS)} characters` };
  }
  if (!isHashable(normalised)) return TOO_LONG;
  if (usernameKey(password) === usernameKey(username)) return { rule: 'not-username', detail: 'must differ from the username' };
  return undefined;
}

/** Memory in KiB, passes, lanes. */
export interface Argon2Cost {
  readonly m: number;
  readonly t: number;
  readonly p: number;
}

/** The most that a hash that was brought along may cost each login: a dearer one would slow all other accounts down. */
const MAX_COST: Argon2Cost = { m: 256 * 1024, t: 10, p: 4 };

/** The parts of the pattern together, each as long as it may be. */
const MAX_PHC_LENGTH = 256;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** The cost of an argon2id hash in PHC string format; undefined if the text is none. */
export function argon2Cost(phc: string): Argon2Cost | undefined {
  const found = phc.length <= MAX_PHC_LENGTH ? PHC.exec(phc) : null;
  const [, m, t, p] = found ?? [];
  return m === undefined ? undefined : { m: Number(m), t: Number(t), p: Number(p) };
}

/** Why a text cannot be a password hash that was brought along from elsewhere, or undefined. */
export function passwordHashProblem(phc: string): Problem | undefined {
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
