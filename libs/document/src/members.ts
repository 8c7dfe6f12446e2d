/** A document as it is stored and as it is shown: the members that its class declares, in their order. */
import { type Declaration, declarationOf } from './declaration.js';
import { isObject, type JsonObject } from './json.js';

/** What a document class declares, as a plain object: none of its instances is ever made of what somebody sent. */
export type Members<T> = { readonly [N in keyof T]: T[N] };

/** The names of the members that everybody sees. */
export function shownMembers<T extends object>(type: new () => T): readonly (keyof T & string)[] {
  const shown = [...declarationOf(type).values()].filter(({ isWriteOnly }) => !isWriteOnly);
  // The names of decorated properties.
  return shown.map(({ name }) => name as keyof T & string);
}

/** `members` that were checked before, with the default of each that is not among them. What is not declared is left out. */
export function complete<T extends object>(type: new () => T, members: object): Members<T> {
  // The checks have made sure of the types.
  return completed(declarationOf(type), members as JsonObject) as Members<T>;
}

function completed(declaration: Declaration, given: JsonObject): JsonObject {
  const entries = [...declaration.values()].map(({ name, initial, nested }) => {
    const value = Object.hasOwn(given, name) ? given[name] : initial;
    return [name, nested !== undefined && isObject(value) ? completed(nested, value) : value] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** The document as JSON. */
export function represent(type: new () => object, stored: object): JsonObject {
  const values = stored as JsonObject;
  const entries = shownMembers(type).map((name: string) => [name, inJson(values[name])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function inJson(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
