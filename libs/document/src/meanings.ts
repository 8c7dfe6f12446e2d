/**
 * What the checks of class-validator mean: the `rule` and the `detail` of an error, and the keywords of JSON Schema. A decorator
 * that is not listed here cannot be used in a document.
 */
import type { JsonObject, JsonSchema } from './json.js';

/** What is wrong with a value: a stable word, the same in every kind of document, and a sentence without its subject. */
export interface Problem {
  readonly rule: string;
  readonly detail: string;
}

/**
 * The order of the checks of one value, whatever the order of its decorators: none that takes a while sees a text or a list that
 * is too long.
 */
export const STAGES = ['type', 'size', 'content'] as const;
/** `items`: a check of a list that has to tell which item is wrong; check-document.ts has it. */
export type Stage = (typeof STAGES)[number] | 'items';

/** What a check of our own means; its decorator brings it along. See own-checks.ts. */
export interface OwnMeaning {
  readonly stage: Stage;
  readonly schema: JsonSchema;
  /** `document` is the whole of it, as it was sent. */
  readonly problem: (value: unknown, document: JsonObject) => Problem | undefined;
}

interface Meaning {
  readonly stage: Stage;
  readonly rule: string;
  /** `given`: the first argument of the decorator. */
  readonly schema: (given: unknown) => JsonSchema;
  /** `schema` is that of the whole value. */
  readonly detail: (schema: JsonSchema) => string;
}

export const REPEATED: Problem = { rule: 'unique', detail: 'must not repeat' };

/** By the names that class-validator gives to its checks. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  isString: { stage: 'type', rule: 'type', schema: () => ({ type: 'string' }), detail: () => 'must be a string' },
  isInt: { stage: 'type', rule: 'type', schema: () => ({ type: 'integer' }), detail: () => 'must be a whole number' },
  isBoolean: { stage: 'type', rule: 'type', schema: () => ({ type: 'boolean' }), detail: () => 'must be true or false' },
  isUuid: { stage: 'type', rule: 'uuid', schema: () => ({ type: 'string', format: 'uuid' }), detail: () => 'must be a UUID' },
  isIn: {
    stage: 'type',
    rule: 'enum',
    schema: (values) => ({ type: 'string', enum: values }),
    detail: (schema) => `must be one of: ${(schema['enum'] as readonly string[]).join(', ')}`,
  },
  maxLength: {
    stage: 'size',
    rule: 'max-length',
    schema: (maxLength) => ({ maxLength }),
    detail: ({ maxLength }) => `must have at most ${String(maxLength)} characters`,
  },
  matches: {
    stage: 'content',
    rule: 'pattern',
    schema: (pattern) => ({ pattern: (pattern as RegExp).source }),
    detail: ({ pattern }) => `must match ${String(pattern)}`,
  },
  min: { stage: 'size', rule: 'range', schema: (minimum) => ({ minimum }), detail: range },
  max: { stage: 'size', rule: 'range', schema: (maximum) => ({ maximum }), detail: range },
  arrayMinSize: {
    stage: 'size',
    rule: 'min-items',
    schema: (minItems) => ({ minItems }),
    detail: ({ minItems }) => `must have at least ${String(minItems)} entry`,
  },
  arrayMaxSize: {
    stage: 'size',
    rule: 'max-items',
    schema: (maxItems) => ({ maxItems }),
    detail: ({ maxItems }) => `must have at most ${String(maxItems)} entries`,
  },
  arrayUnique: { stage: 'items', rule: REPEATED.rule, schema: () => ({ uniqueItems: true }), detail: () => REPEATED.detail },
};

export function meaningOf(name: string): Meaning | undefined {
  return Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
}

function range(schema: JsonSchema): string {
  // Min and Max take numbers.
  const { minimum, maximum } = schema as { readonly minimum?: number; readonly maximum?: number };
  if (maximum === undefined) return `must be at least ${String(minimum)}`;
  if (minimum === undefined) return `must be at most ${String(maximum)}`;
  return `must be from ${String(minimum)} to ${String(maximum)}`;
}
