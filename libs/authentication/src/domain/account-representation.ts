/** An account as JSON, and the JSON Schema of it: what goes out, what comes in, what may be patched. */
import { claimSchemas, type Profile } from './account.js';
import type { JsonSchema } from './claim-kind.js';
import { MAX_USERNAME } from './username.js';

interface Described {
  readonly sub: string;
  readonly username: string;
  readonly profile: Profile;
  readonly locked: boolean;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** All that an administrator sees of an account; neither its password nor the hash of it. */
export function accountRepresentation(account: Described): Readonly<Record<string, unknown>> {
  const { sub, username, profile, locked, created_at, updated_at } = account;
  return { sub, username, ...profile, locked, created_at: created_at.toISOString(), updated_at: updated_at.toISOString() };
}

const time: JsonSchema = { type: 'string', format: 'date-time', readOnly: true };
const own = {
  sub: { type: 'string', pattern: '^[!-~]{1,255}$', description: 'Never changes and is never given again; the username where it can be.' },
  username: { type: 'string', minLength: 1, maxLength: MAX_USERNAME, description: 'Unique, whatever the case of its letters.' },
  locked: { type: 'boolean', description: 'Nobody logs in to a locked account; a lock ends its sessions.' },
} as const;
const password = { type: 'string', minLength: 8, maxLength: 1024, writeOnly: true };
const password_hash = { type: 'string', writeOnly: true, description: 'An argon2id hash in PHC string format, instead of `password`.' };
const claims = claimSchemas();

/** In a merge patch null removes, and so it does inside the address. */
function patchable(schema: JsonSchema): JsonSchema {
  const members = schema['properties'] as Readonly<Record<string, JsonSchema>> | undefined;
  return { anyOf: [members === undefined ? schema : { ...schema, properties: patchables(members) }, { type: 'null' }] };
}

function patchables(schemas: Readonly<Record<string, JsonSchema>>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, patchable(schema)]));
}

/** By their names in the OpenAPI document. */
export const ACCOUNT_SCHEMAS = {
  Account: {
    type: 'object',
    properties: { ...own, ...claims, created_at: time, updated_at: time },
    required: ['sub', 'username', 'locked', 'created_at', 'updated_at'],
    additionalProperties: false,
  },
  AccountDocument: {
    type: 'object',
    properties: { ...own, password, password_hash, ...claims },
    required: ['username'],
    oneOf: [{ required: ['password'] }, { required: ['password_hash'] }],
    additionalProperties: false,
  },
  AccountPatch: {
    type: 'object',
    properties: { ...own, password, ...patchables(claims), created_at: time, updated_at: time },
    additionalProperties: false,
  },
} satisfies Readonly<Record<string, JsonSchema>>;
