/** Checks a document against its class: every wrong member is named, with a pointer to what is wrong in it. */
import type { FieldError } from '#kernel/errors.js';
import type { Check } from './checks.js';
import type { Declaration, Member } from './declaration.js';
import { isObject, type JsonObject, memberPointer } from './json.js';
import { type Problem, REPEATED } from './meanings.js';

/** A document on its way through the checks. */
export interface Checked {
  readonly declaration: Declaration;
  readonly noun: string;
  /** Whether nothing is stored of it yet. */
  readonly isNew: boolean;
  /** What checks that look at several members see. */
  readonly whole: JsonObject;
}

export function documentErrors(document: JsonObject, checked: Checked): readonly FieldError[] {
  return objectErrors(document, '', checked);
}

/** The errors of what was sent, in its order; what is missing comes last. */
function objectErrors(object: JsonObject, parent: string, checked: Checked): readonly FieldError[] {
  const errors = Object.entries(object).flatMap(([name, value]) => {
    const pointer = memberPointer(parent, name);
    const member = checked.declaration.get(name);
    if (member === undefined || !takes(member, checked.isNew)) {
      return [{ pointer, rule: 'unknown-field', detail: `is no field of ${checked.noun}` }];
    }
    return valueErrors(member, value, { pointer, checked });
  });
  const missing = [...checked.declaration.values()].filter((member) => isMissing(member, object, checked));
  return [...errors, ...missing.map(({ name }) => ({ pointer: memberPointer(parent, name), rule: 'required', detail: 'is required' }))];
}

function takes({ access }: Member, isNew: boolean): boolean {
  return isNew ? access !== 'read-only' : access === 'open';
}

function isMissing(member: Member, object: JsonObject, { isNew, whole }: Checked): boolean {
  if (member.initial !== undefined || Object.hasOwn(object, member.name)) return false;
  // What is never shown stays as it is, unless it is sent.
  if (!takes(member, isNew) || (member.isWriteOnly && !isNew)) return false;
  return typeof member.isRequired === 'function' ? member.isRequired(whole) : member.isRequired === 'always';
}

interface Place {
  readonly pointer: string;
  readonly checked: Checked;
}

function valueErrors(member: Member, value: unknown, { pointer, checked }: Place): readonly FieldError[] {
  const { nested, isList, isNullable, checks } = member;
  if (value === null && isNullable) return [];
  if (nested !== undefined) {
    return isObject(value)
      ? objectErrors(value, pointer, { ...checked, declaration: nested })
      : [{ pointer, rule: 'type', detail: 'must be an object' }];
  }
  if (isList && !Array.isArray(value)) return [{ pointer, rule: 'type', detail: 'must be an array' }];
  const problem = firstProblem(checks, value, checked.whole);
  if (problem !== undefined) return [{ pointer, ...problem }];
  return isList ? itemErrors(member, value as readonly unknown[], { pointer, checked }) : [];
}

function itemErrors({ itemChecks, schema }: Member, items: readonly unknown[], { pointer, checked }: Place): readonly FieldError[] {
  const seen = new Set<unknown>();
  return items.flatMap((item, index) => {
    const problem = firstProblem(itemChecks, item, checked.whole);
    const isRepeated = schema['uniqueItems'] === true && seen.has(item);
    seen.add(item);
    const problems = [...(problem === undefined ? [] : [problem]), ...(isRepeated ? [REPEATED] : [])];
    return problems.map((one) => ({ pointer: memberPointer(pointer, index), ...one }));
  });
}

function firstProblem(checks: readonly Check[], value: unknown, whole: JsonObject): Problem | undefined {
  for (const check of checks) {
    const problem = check(value, whole);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
