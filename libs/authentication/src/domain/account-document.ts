import type { FieldError } from '#kernel/errors.js';
import { Secret } from '#kernel/secrets.js';
import { isClaim, isObject, type Profile, readProfile } from './account.js';
import { accountRepresentation } from './account-representation.js';
import { passwordHashProblem, passwordProblem } from './password.js';
import { isSubject, usernameProblem } from './username.js';

type Document = Readonly<Record<string, unknown>>;
interface Errors { readonly errors: readonly FieldError[] }

/** Where the account's password comes from: typed by a person, or brought along as a hash. */
export type Credential = { readonly password: Secret } | { readonly passwordHash: Secret };

export interface NewAccount {
  readonly sub: string | undefined;
  readonly username: string;
  readonly credential: Credential;
  readonly locked: boolean;
  readonly profile: Profile;
}

type Unchanged = Parameters<typeof accountRepresentation>[0];

/** What a patch leaves: the whole profile, and a password where a new one was sent. */
export interface ChangedAccount {
  readonly password: Secret | undefined;
  readonly locked: boolean;
  readonly profile: Profile;
}

/** Reads the document of a new account, or tells all that is wrong with it. */
export function readNewAccount(document: Document): NewAccount | Errors {
  const { sub, username, password, password_hash, locked, ...claims } = document;
  const profile = readProfile(claims);
  const name = typeof username === 'string' ? username : '';
  const errors = [
    ...(sub === undefined || isSubjectText(sub) ? [] : [wrong('sub', 'subject', 'must be 1 to 255 visible ASCII characters')]),
    ...checkUsername(username),
    ...checkCredential(password, password_hash, name),
    ...checkLocked(locked),
    ...('errors' in profile ? profile.errors : []),
  ];
  if (errors.length > 0 || 'errors' in profile) return { errors };
  return {
    sub: sub as string | undefined,
    username: name,
    credential: typeof password === 'string'
      ? { password: new Secret(password) }
      : { passwordHash: new Secret(password_hash as string) },
    locked: locked === true,
    profile: profile.profile,
  };
}

/** Reads a JSON Merge Patch (RFC 7396) of an account, or tells all that is wrong with it. */
export function readPatch(before: Unchanged, patch: Document): ChangedAccount | Errors {
  const { password, locked, ...claims } = patch;
  const current = accountRepresentation(before);
  // What was read may be sent back: only another value is a change.
  const fixed = Object.keys(claims).filter((name) => READ_ONLY.has(name) && claims[name] !== current[name]);
  const profile = readProfile(merge(before.profile, without(claims, READ_ONLY)));
  // A null leaves nothing behind that the profile's own check could name.
  const unknown = Object.keys(claims).filter((name) => claims[name] === null && !isClaim(name) && !READ_ONLY.has(name));
  const errors = [
    ...unknown.map((name) => wrong(name, 'unknown', 'is not a field of an account')),
    ...fixed.map((name) => wrong(name, 'read-only', 'cannot be changed')),
    ...(password === undefined ? [] : checkPassword(password, before.username)),
    ...checkLocked(locked),
    ...('errors' in profile ? profile.errors : []),
  ];
  if (errors.length > 0 || 'errors' in profile) return { errors };
  return {
    password: typeof password === 'string' ? new Secret(password) : undefined,
    locked: typeof locked === 'boolean' ? locked : before.locked,
    profile: profile.profile,
  };
}

const NOT_A_STRING = { rule: 'string', detail: 'must be a string' };
const READ_ONLY: ReadonlySet<string> = new Set(['sub', 'username', 'created_at', 'updated_at']);

function checkUsername(username: unknown): FieldError[] {
  if (username === undefined) return [wrong('username', 'required', 'is required')];
  const problem = typeof username === 'string' ? usernameProblem(username) : 'must be a string';
  return problem === undefined ? [] : [wrong('username', 'username', problem)];
}

function checkCredential(password: unknown, hash: unknown, username: string): FieldError[] {
  if (password !== undefined && hash !== undefined) {
    return [wrong('password_hash', 'one-of', 'cannot be given together with password')];
  }
  if (hash === undefined) return checkPassword(password, username);
  const problem = typeof hash === 'string' ? passwordHashProblem(hash) : NOT_A_STRING;
  return problem === undefined ? [] : [wrong('password_hash', problem.rule, problem.detail)];
}

function checkPassword(password: unknown, username: string): FieldError[] {
  if (password === undefined) return [wrong('password', 'required', 'is required')];
  const problem = typeof password === 'string' ? passwordProblem(password, username) : NOT_A_STRING;
  return problem === undefined ? [] : [wrong('password', problem.rule, problem.detail)];
}

function checkLocked(locked: unknown): FieldError[] {
  return locked === undefined || typeof locked === 'boolean' ? [] : [wrong('locked', 'boolean', 'must be true or false')];
}

function isSubjectText(value: unknown): boolean {
  return typeof value === 'string' && isSubject(value);
}

function wrong(field: string, rule: string, detail: string): FieldError {
  return { pointer: `/${field}`, rule, detail };
}

function without(document: Document, names: ReadonlySet<string>): Document {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !names.has(name)));
}

/** RFC 7396 §2: null removes, an object is merged, anything else replaces. */
function merge(target: Document, patch: Document): Document {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? merge(asObject(merged.get(name)), value) : value);
  }
  return Object.fromEntries(merged);
}

function asObject(value: unknown): Document {
  return isObject(value) ? value : {};
}
