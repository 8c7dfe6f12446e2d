import type { FieldError } from '#kernel/errors.js';
import { date, email, flag, type JsonSchema, type Kind, language, line, lines, phone, url, zone } from './claim-kind.js';

interface Table {
  readonly [name: string]: Kind<unknown> | Table;
}

type Members<T extends Table> = {
  readonly [N in keyof T]?: T[N] extends Kind<infer V> ? V : T[N] extends Table ? Members<T[N]> : never;
};

/** OIDC Core §5.1.1. */
const ADDRESS = { formatted: lines, street_address: lines, locality: line, region: line, postal_code: line, country: line };

/** The claims that an account stores, OIDC Core §5.1; `sub` and `updated_at` follow from the account itself. */
const CLAIMS = {
  name: line,
  given_name: line,
  family_name: line,
  middle_name: line,
  nickname: line,
  preferred_username: line,
  profile: url,
  picture: url,
  website: url,
  gender: line,
  birthdate: date,
  zoneinfo: zone,
  locale: language,
  email,
  email_verified: flag,
  phone_number: phone,
  phone_number_verified: flag,
  address: ADDRESS,
} satisfies Table;

/** Claims of OIDC Core §5.1 under their names. */
export type Profile = Members<typeof CLAIMS>;

type Document = Readonly<Record<string, unknown>>;

/** Checks a document of claims: the profile, or every wrong or unknown member with its JSON pointer. */
export function readProfile(document: Document): { readonly profile: Profile } | { readonly errors: readonly FieldError[] } {
  const errors = check(CLAIMS, document, '');
  return errors.length > 0 ? { errors } : { profile: document };
}

/** Whether an account has a claim of this name. */
export function isClaim(name: string): boolean {
  return Object.hasOwn(CLAIMS, name);
}

/** The JSON Schema of each claim. */
export function claimSchemas(): Readonly<Record<string, JsonSchema>> {
  return schemasOf(CLAIMS);
}

/** Whether a JSON value is an object, not an array and not null. */
export function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function schemasOf(table: Table): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(Object.entries(table).map(([name, kind]) => [name, schemaOf(kind)]));
}

function schemaOf(kind: Kind<unknown> | Table): JsonSchema {
  if (isKind(kind)) return kind.schema;
  return { type: 'object', properties: schemasOf(kind), additionalProperties: false };
}

function check(table: Table, document: Document, pointer: string): FieldError[] {
  return Object.entries(document).flatMap(([name, value]) => {
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    return checkMember(kind, value, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  });
}

function checkMember(kind: Kind<unknown> | Table | undefined, value: unknown, pointer: string): FieldError[] {
  if (kind === undefined) return [{ pointer, rule: 'unknown', detail: 'is not a field of an account' }];
  if (isKind(kind)) return kind.accepts(value) ? [] : [{ pointer, rule: kind.rule, detail: kind.detail }];
  return isObject(value) ? check(kind, value, pointer) : [{ pointer, rule: 'object', detail: 'must be an object' }];
}

function isKind(entry: Kind<unknown> | Table): entry is Kind<unknown> {
  return typeof entry.accepts === 'function';
}
