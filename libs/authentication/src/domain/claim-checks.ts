/** The kinds of values that a claim may hold: each with its type, its JSON Schema, and the sentence for what does not fit. */
import { isEmail } from 'class-validator/cjs/decorator/string/IsEmail.js';
import { isTimeZone } from 'class-validator/cjs/decorator/string/IsTimeZone.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Kind<T> {
  readonly accepts: (value: unknown) => value is T;
  readonly schema: JsonSchema;
  /** A stable word for what the value breaks. */
  readonly rule: string;
  /** A sentence without its subject. */
  readonly detail: string;
}

/** Control characters have no place in a name; Postgres stores neither NUL nor lone surrogates. */
const NOT_IN_A_LINE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const NOT_IN_LINES = /(?![\r\n\t])[\p{Cc}\p{Cs}]/u;

export const line = text(255, {
  rule: 'line',
  detail: 'must be a line of 1 to 255 characters',
  holds: (value) => !NOT_IN_A_LINE.test(value),
});

export const lines = text(1024, {
  rule: 'lines',
  detail: 'must be a text of 1 to 1024 characters',
  holds: (value) => !NOT_IN_LINES.test(value),
});

export const url = text(1024, {
  rule: 'url',
  detail: 'must be an http or https URL of at most 1024 characters',
  format: 'uri',
  holds: (value) => /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(value) && URL.canParse(value),
});

export const email = text(254, {
  rule: 'email',
  detail: 'must be an email address of at most 254 characters',
  // Without a top-level domain as well: companies have mail hosts of their own.
  holds: (value) => isEmail(value, { require_tld: false }),
});

export const phone = text(50, {
  rule: 'phone',
  detail: 'must be a telephone number in the form of E.164, such as +1 (425) 555-1212',
  holds: (value) => /^\+[0-9][0-9 ().-]{3,30}(;ext=[0-9]{1,10})?$/.test(value),
});

export const date = text(10, {
  rule: 'date',
  detail: 'must be a date in the form YYYY-MM-DD or a year YYYY; 0000 leaves the year out',
  holds: (value) => /^\d{4}(-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$/.test(value),
});

export const zone = text(64, {
  rule: 'zone',
  detail: 'must be a name of the time zone database, such as Europe/Paris',
  holds: (value) => isTimeZone(value),
});

export const language = text(64, {
  rule: 'language',
  detail: 'must be a language tag (RFC 5646), such as en-US',
  holds: (value) => /^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,6}$/.test(value),
});

export const flag: Kind<boolean> = {
  accepts: (value): value is boolean => typeof value === 'boolean',
  schema: { type: 'boolean' },
  rule: 'boolean',
  detail: 'must be true or false',
};

interface Text {
  readonly rule: string;
  readonly detail: string;
  readonly format?: string;
  readonly holds: (value: string) => boolean;
}

/** A text that is not empty and has at most `maxLength` code points. */
function text(maxLength: number, { rule, detail, format, holds }: Text): Kind<string> {
  return {
    accepts: (value): value is string =>
      typeof value === 'string' && value !== '' && Array.from(value).length <= maxLength && holds(value),
    schema: { type: 'string', minLength: 1, maxLength, ...(format !== undefined && { format }) },
    rule,
    detail,
  };
}
