/** Checks that class-validator does not have. Each is a decorator made by its `ValidateBy`. */
import { isRFC3339, IsString, MaxLength, ValidateBy } from './class-validator.js';
import type { Admits, AdmitsBy, Context, Each, NarrowsBy } from './decorators.js';
import type { JsonObject, JsonSchema } from './json.js';
import type { OwnMeaning, Problem } from './meanings.js';

interface OwnCheck<T> {
  /** The name that class-validator reports. */
  readonly name: string;
  /** What JSON Schema can say of it. */
  readonly schema: JsonSchema;
  /** Undefined if the value is right. `document` is the whole of it, as it was sent. */
  readonly problem: (value: T, document: JsonObject) => Problem | undefined;
}

/** A check of any value; what it lets through is a `T`. */
export function admitsBy<T>({ name, ...check }: OwnCheck<unknown>): AdmitsBy<T> {
  return (each?: Each) => decorator(name, { ...check, stage: 'type' }, each);
}

/** A check of a value that another decorator has found to be a `T`, and short enough. */
export function narrowsBy<T>({ name, schema, problem }: OwnCheck<T>): NarrowsBy<T> {
  // The checks of the types before this one have let only a `T` through.
  return (each?: Each) => decorator(name, { schema, problem: (value, document) => problem(value as T, document), stage: 'content' }, each);
}

function decorator(name: string, own: OwnMeaning, each: Each | undefined): PropertyDecorator {
  const context: Context = { own };
  const problem = (value: unknown, document: object = {}) => own.problem(value, document as JsonObject);
  return ValidateBy(
    {
      name,
      validator: {
        validate: (value, args) => problem(value, args?.object) === undefined,
        defaultMessage: (args) => problem(args?.value, args?.object)?.detail ?? '',
      },
    },
    { ...each, context },
  );
}

/** An instant, as JSON has it (RFC 3339). */
export const IsTimestamp = admitsBy<string>({
  name: 'isTimestamp',
  schema: { type: 'string', format: 'date-time' },
  problem: (value) =>
    typeof value === 'string' && isRFC3339(value) ? undefined : { rule: 'timestamp', detail: 'must be a time in the form of RFC 3339' },
});

// Postgres stores neither NUL nor half a surrogate pair; other control characters have no place in what people read.
const UNSTORABLE = /[\p{Control}\p{Surrogate}]/u;

const printable: OwnMeaning = {
  stage: 'content',
  schema: {},
  problem: (value) =>
    UNSTORABLE.test(String(value))
      ? { rule: 'characters', detail: 'must not contain control characters or broken Unicode' }
      : undefined,
};

/** A text without control characters. */
export function IsText(maxLength: number): Admits<string>;
export function IsText(maxLength: number, each: Each): Admits<readonly string[]>;
export function IsText(maxLength: number, each?: Each): PropertyDecorator {
  const parts = [IsString(each), MaxLength(maxLength, each), decorator('isPrintable', printable, each)];
  // As decorators that stand below each other are called.
  return (document, name) => parts.toReversed().forEach((decorate) => decorate(document, name));
}
