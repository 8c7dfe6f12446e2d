import type { FieldError } from '#kernel/errors.js';

/** What one claim may be: the guard gives its type, rule and detail tell a person why a value was refused. */
interface Kind<T> {
  readonly accepts: (value: unknown) => value is T;
  readonly rule: string;
  readonly detail: string;
}

interface Table {
  readonly [name: string]: Kind<unknown> | Table;
}

type Members<T extends Table> = {
  readonly [N in keyof T]?: T[N] extends Kind<infer V> ? V : T[N] extends Table ? Members<T[N]> : never;
};

/** Control characters have no place in a name; neither they nor lone surrogates can be stored by Postgres. */
const NOT_IN_A_LINE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const NOT_IN_LINES = /(?![\r\n\t])[\p{Cc}\p{Cs}]/u;

const line = text('line', 'must be a line of 1 to 255 characters', (value) =>
  value.length <= 255 && !NOT_IN_A_LINE.test(value));
const lines = text('lines', 'must be a text of 1 to 1024 characters', (value) =>
  value.length <= 1024 && !NOT_IN_LINES.test(value));
const url = text('url', 'must be an http or https URL of at most 1024 characters', isWebUrl);
const email = text('email', 'must be an email address (RFC 5322 addr-spec) of at most 254 characters', isEmail);
const phone = text('phone', 'must be a telephone number in the form of E.164, such as +1 (425) 555-1212', (value) =>
  /^\+[0-9][0-9 ().-]{3,30}(;ext=[0-9]{1,10})?$/.test(value));
const date = text('date', 'must be a date in the form YYYY-MM-DD or a year YYYY; 0000 leaves the year out', (value) =>
  /^\d{4}(-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$/.test(value));
const zone = text('zone', 'must be a name of the time zone database, such as Europe/Paris', (value) =>
  /^[A-Za-z0-9_+/-]{1,64}$/.test(value));
const language = text('language', 'must be a language tag (RFC 5646), such as en-US', (value) =>
  /^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,7}$/.test(value));
const flag: Kind<boolean> = {
  accepts: (value): value is boolean => typeof value === 'boolean',
  rule: 'boolean',
  detail: 'must be true or false',
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

/** Checks a document of claims: the profile, or every wrong or unknown member with its JSON pointer. */
export function readProfile(
  document: Readonly<Record<string, unknown>>,
): { readonly profile: Profile } | { readonly errors: readonly FieldError[] } {
  const errors = check(CLAIMS, document, '');
  return errors.length > 0 ? { errors } : { profile: document };
}

function check(table: Table, document: Readonly<Record<string, unknown>>, pointer: string): FieldError[] {
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

/** Whether a JSON value is an object, not an array and not null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKind(entry: Kind<unknown> | Table): entry is Kind<unknown> {
  return typeof entry.accepts === 'function';
}

function text(rule: string, detail: string, holds: (value: string) => boolean): Kind<string> {
  return { accepts: (value): value is string => typeof value === 'string' && value !== '' && holds(value), rule, detail };
}

function isWebUrl(value: string): boolean {
  return value.length <= 1024 && !/[\s\p{Cc}\p{Cs}]/u.test(value) && /^https?:\/\//i.test(value) && URL.canParse(value);
}

function isEmail(value: string): boolean {
  return value.length <= 254 && /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u.test(value);
}
