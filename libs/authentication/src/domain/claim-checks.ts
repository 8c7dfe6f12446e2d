/** The checks of claims. Each has one word and one sentence for all that a value may break. */
import { isEmail, isTimeZone } from '#document/class-validator.js';
import type { AdmitsBy } from '#document/decorators.js';
import { admitsBy } from '#document/own-checks.js';

/** Control characters have no place in a name; Postgres stores neither NUL nor lone surrogates. */
const NOT_IN_A_LINE = /[\p{Cc}\p{Cs}\u2028\u2029]/u;
const NOT_IN_LINES = /(?![\r\n\t])[\p{Cc}\p{Cs}]/u;

export const IsLine = textCheck('isLine', {
  maxLength: 255,
  rule: 'line',
  detail: 'must be a line of 1 to 255 characters',
  holds: (value) => !NOT_IN_A_LINE.test(value),
});

export const IsLines = textCheck('isLines', {
  maxLength: 1024,
  rule: 'lines',
  detail: 'must be a text of 1 to 1024 characters',
  holds: (value) => !NOT_IN_LINES.test(value),
});

export const IsWebAddress = textCheck('isWebAddress', {
  maxLength: 1024,
  rule: 'url',
  detail: 'must be an http or https URL of at most 1024 characters',
  format: 'uri',
  holds: (value) => /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/iu.test(value) && URL.canParse(value),
});

export const IsEmailAddress = textCheck('isEmailAddress', {
  maxLength: 254,
  rule: 'email',
  detail: 'must be an email address of at most 254 characters',
  // Companies have mail hosts of their own, without a top-level domain.
  holds: (value) => isEmail(value, { require_tld: false }),
});

export const IsTelephoneNumber = textCheck('isTelephoneNumber', {
  maxLength: 50,
  rule: 'phone',
  detail: 'must be a telephone number in the form of E.164, such as +1 (425) 555-1212',
  holds: (value) => /^\+[0-9][0-9 ().-]{3,30}(;ext=[0-9]{1,10})?$/.test(value),
});

export const IsBirthdate = textCheck('isBirthdate', {
  maxLength: 10,
  rule: 'date',
  detail: 'must be a date in the form YYYY-MM-DD or a year YYYY; 0000 leaves the year out',
  holds: (value) => /^\d{4}(-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$/.test(value),
});

export const IsZone = textCheck('isZone', {
  maxLength: 64,
  rule: 'zone',
  detail: 'must be a name of the time zone database, such as Europe/Paris',
  holds: (value) => isTimeZone(value),
});

export const IsLanguageTag = textCheck('isLanguageTag', {
  maxLength: 64,
  rule: 'language',
  detail: 'must be a language tag (RFC 5646), such as en-US',
  holds: (value) => /^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,6}$/.test(value),
});

interface TextCheck {
  /** In code points, as JSON Schema counts. */
  readonly maxLength: number;
  readonly rule: string;
  readonly detail: string;
  readonly format?: string;
  readonly holds: (value: string) => boolean;
}

function textCheck(name: string, { maxLength, rule, detail, format, holds }: TextCheck): AdmitsBy<string> {
  const fits = (value: unknown) => typeof value === 'string' && value !== '' && isWithin(value, maxLength) && holds(value);
  return admitsBy({
    name,
    schema: { type: 'string', minLength: 1, maxLength, ...(format !== undefined && { format }) },
    problem: (value) => (fits(value) ? undefined : { rule, detail }),
  });
}

/** A code point has one or two units of UTF-16, so that a text that is far too long is not counted. */
function isWithin(value: string, maxLength: number): boolean {
  return value.length <= maxLength || (value.length <= 2 * maxLength && Array.from(value).length <= maxLength);
}
