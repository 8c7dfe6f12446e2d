/** A client as JSON, and the JSON Schema of it: what goes out, what comes in, what may be patched. */
import { type ClientMetadata, CLIENT_METADATA, FIELD_NAMES } from './client-metadata.js';
import type { JsonSchema } from './field-kind.js';
import { CLIENT_ID_SCHEMA } from './client-id.js';

interface Registered extends ClientMetadata {
  readonly client_id: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The fields of a representation that are the registry's own. */
export function registryFields(client: Omit<Registered, keyof ClientMetadata>): Readonly<Record<string, string>> {
  const { client_id, created_at, updated_at } = client;
  return { client_id, created_at: created_at.toISOString(), updated_at: updated_at.toISOString() };
}

/** All that an administrator sees of a client; no secret is in it. */
export function clientRepresentation(client: Registered): Readonly<Record<string, unknown>> {
  const { client_id, ...times } = registryFields(client);
  return { client_id, ...Object.fromEntries(FIELD_NAMES.map((name) => [name, client[name]])), ...times };
}

const time: JsonSchema = { type: 'string', format: 'date-time', readOnly: true };
const fields = FIELD_NAMES.map((name) => {
  const { kind, fallback, description } = CLIENT_METADATA[name];
  return [name, { ...kind.schema, default: fallback, description }] as const;
});
const patched = fields.map(([name, { default: _, ...schema }]) => [name, { anyOf: [schema, { type: 'null' }] }] as const);
const own: JsonSchema = { client_id: CLIENT_ID_SCHEMA, created_at: time, updated_at: time };

/** By their names in the OpenAPI document. */
export const CLIENT_SCHEMAS = {
  Client: {
    type: 'object',
    properties: { ...own, ...Object.fromEntries(fields) },
    required: ['client_id', ...FIELD_NAMES, 'created_at', 'updated_at'],
  },
  ClientDocument: { type: 'object', properties: { ...own, ...Object.fromEntries(fields) }, additionalProperties: false },
  ClientPatch: { type: 'object', properties: { ...own, ...Object.fromEntries(patched) }, additionalProperties: false },
} satisfies Readonly<Record<string, JsonSchema>>;
