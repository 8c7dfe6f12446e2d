/** JSON values as documents are made of: objects, pointers into them (RFC 6901), and schemas of them. */

/** A JSON object of unknown members. Its keys may have been chosen by an attacker, so they are read with `Object.hasOwn`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The pointer to a member of what `parent` points to. */
export function memberPointer(parent: string, name: string | number): string {
  return `${parent}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
