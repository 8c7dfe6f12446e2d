/** The JSON Schemas of a document class: of what is shown, and of what may be sent. */
import { type Declaration, declarationOf, type Member } from './declaration.js';
import type { JsonSchema } from './json.js';
import { goesBackToDefault } from './read-document.js';

type Type = new () => object;

/** Of the document as it is shown. It may have more members, such as a secret that is shown once. */
export function shownSchema(type: Type): JsonSchema {
  const members = [...declarationOf(type).values()].filter(({ isWriteOnly }) => !isWriteOnly);
  return { type: 'object', properties: properties(members, schemaOf), required: members.filter(isAlwaysThere).map(({ name }) => name) };
}

/** Of a document of something that is not there yet. */
export function newSchema(type: Type): JsonSchema {
  const members = [...declarationOf(type).values()].filter(({ access }) => access !== 'read-only');
  const required = members.filter(({ isRequired, initial }) => isRequired === 'always' && initial === undefined);
  return {
    type: 'object',
    properties: properties(members, schemaOf),
    ...(required.length > 0 && { required: required.map(({ name }) => name) }),
    additionalProperties: false,
  };
}

/** Of a document that is new or takes the place of another one. What cannot be changed may stand in it as it was read. */
export function documentSchema(type: Type): JsonSchema {
  return { type: 'object', properties: properties(declarationOf(type).values(), schemaOf), additionalProperties: false };
}

/** Of a merge patch (RFC 7396). */
export function patchSchema(type: Type): JsonSchema {
  return { type: 'object', properties: patchProperties(declarationOf(type)), additionalProperties: false };
}

function patchProperties(declaration: Declaration): JsonSchema {
  const members = [...declaration.values()].filter(({ access, isWriteOnly }) => access === 'open' || !isWriteOnly);
  return properties(members, patchedSchema);
}

function properties(members: Iterable<Member>, schema: (member: Member) => JsonSchema): JsonSchema {
  return Object.fromEntries([...members].map((member) => [member.name, schema(member)]));
}

function patchedSchema(member: Member): JsonSchema {
  const { default: _, ...schema } = schemaOf(member);
  const patched = member.nested === undefined ? schema : { ...schema, properties: patchProperties(member.nested) };
  return goesBackToDefault(member) || member.isNullable ? { anyOf: [patched, { type: 'null' }] } : patched;
}

function schemaOf({ schema, nested, isNullable, initial, description, access, isWriteOnly }: Member): JsonSchema {
  return {
    ...schema,
    ...(nested && { properties: properties(nested.values(), schemaOf), additionalProperties: false }),
    ...(isNullable && { type: [schema['type'], 'null'] }),
    ...(initial !== undefined && { default: initial }),
    ...(description !== undefined && { description }),
    ...(access === 'read-only' && { readOnly: true }),
    ...(isWriteOnly && { writeOnly: true }),
  };
}

function isAlwaysThere({ access, isRequired, initial }: Member): boolean {
  return access !== 'open' || isRequired === 'always' || initial !== undefined;
}
