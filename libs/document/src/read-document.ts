/** Reads what somebody sent about a resource: a new document, one in place of another, or a merge patch (RFC 7396) of one. */
import { isDeepStrictEqual } from 'node:util';
import type { FieldError } from '#kernel/errors.js';
import { documentErrors } from './check-document.js';
import { type Declaration, declarationOf, type DocumentClass, type Member } from './declaration.js';
import { isObject, type JsonObject, memberPointer } from './json.js';
import { complete, type Members } from './members.js';

export type Read<T> =
  | { readonly outcome: 'valid'; readonly document: Members<T> }
  | { readonly outcome: 'invalid'; readonly errors: readonly FieldError[] };

interface Refusal<T> {
  readonly field: keyof T & string;
  /** A sentence without its subject. */
  readonly detail: string;
}

/** What the members of one document must be together, by name. A rule answers the member to change, or nothing. */
export type Rules<T> = Readonly<Record<string, (document: Members<T>) => Refusal<T> | undefined>>;

/** A document of something that is not there yet. */
export function readNew<T extends object>(type: DocumentClass<T>, document: JsonObject, rules: Rules<T> = {}): Read<T> {
  const checked = { declaration: declarationOf(type), noun: type.noun, isNew: true, whole: document };
  return read(type, { members: document, errors: documentErrors(document, checked), rules });
}

/** A document that takes the place of `current`, the one that is shown. What it leaves out falls back to its default. */
export function readReplacement<T extends object>(
  type: DocumentClass<T>,
  document: JsonObject,
  { current, rules = {} }: { readonly current: JsonObject; readonly rules?: Rules<T> },
): Read<T> {
  const declaration = declarationOf(type);
  const { fixed, rest, errors } = splitFixed(declaration, document, current);
  const members = { ...fixed, ...rest };
  const checked = { declaration, noun: type.noun, isNew: false, whole: members };
  return read(type, { members, errors: [...errors, ...documentErrors(rest, checked)], rules });
}

/**
 * A merge patch of `current`, the document that is shown. A member that is null goes back to its default. If null is a value of
 * the member, it becomes null: otherwise what is on by default could not be switched off.
 */
export function readPatch<T extends object>(
  type: DocumentClass<T>,
  patch: JsonObject,
  { current, rules = {} }: { readonly current: JsonObject; readonly rules?: Rules<T> },
): Read<T> {
  const declaration = declarationOf(type);
  const { fixed, rest, errors } = splitFixed(declaration, patch, current);
  const open = Object.fromEntries(Object.entries(current).filter(([name]) => !Object.hasOwn(fixed, name)));
  const merged = merge(declaration, open, rest);
  const members = { ...fixed, ...merged };
  const checked = { declaration, noun: type.noun, isNew: false, whole: members };
  return read(type, { members, errors: [...errors, ...documentErrors(merged, checked)], rules });
}

interface Found<T> {
  readonly members: JsonObject;
  readonly errors: readonly FieldError[];
  readonly rules: Rules<T>;
}

/** The rules see nothing but right members. */
function read<T extends object>(type: DocumentClass<T>, { members, errors, rules }: Found<T>): Read<T> {
  if (errors.length > 0) return { outcome: 'invalid', errors };
  const document = complete(type, members);
  const broken = Object.entries(rules).flatMap(([rule, refusalOf]) => {
    const refusal = refusalOf(document);
    return refusal === undefined ? [] : [{ pointer: memberPointer('', refusal.field), rule, detail: refusal.detail }];
  });
  return broken.length > 0 ? { outcome: 'invalid', errors: broken } : { outcome: 'valid', document };
}

/** A document may come back as it was read: what cannot be changed must then stand in it unchanged. */
function splitFixed(declaration: Declaration, sent: JsonObject, current: JsonObject) {
  const isFixed = (name: string): boolean => declaration.get(name)?.access !== 'open' && Object.hasOwn(current, name);
  const fixed = Object.fromEntries(Object.entries(current).filter(([name]) => isFixed(name)));
  const rest = Object.fromEntries(Object.entries(sent).filter(([name]) => !isFixed(name)));
  const errors = Object.keys(fixed)
    .filter((name) => Object.hasOwn(sent, name) && !isDeepStrictEqual(sent[name], current[name]))
    .map((name) => ({ pointer: memberPointer('', name), rule: 'read-only', detail: 'cannot be changed' }));
  return { fixed, rest, errors };
}

/** RFC 7396 §2. What is not declared stays in the result, to be refused. */
function merge(declaration: Declaration, target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const member = declaration.get(name);
    if (value === null && member !== undefined && goesBackToDefault(member)) merged.delete(name);
    else merged.set(name, mergedValue(member, merged.get(name), value));
  }
  return Object.fromEntries(merged);
}

function mergedValue(member: Member | undefined, target: unknown, value: unknown): unknown {
  if (member?.nested === undefined || !isObject(value)) return value;
  return merge(member.nested, isObject(target) ? target : {}, value);
}

/** What null does to a member in a patch. */
export function goesBackToDefault({ isNullable, isRequired, access }: Member): boolean {
  return access === 'open' && !isNullable && isRequired === 'never';
}
