/**
 * What a field of a client's metadata may hold. A kind checks a value and describes itself as JSON Schema from the same
 * facts, so that the document which clients of the administration read cannot promise what the check refuses.
 */

export type JsonSchema = Readonly<Record<string, unknown>>;

/** `path` is the JSON pointer from the field's own value to what is wrong in it; empty for the value itself. */
export interface Problem {
  readonly path: string;
  readonly rule: string;
  readonly detail: string;
}

export interface Kind<T> {
  readonly schema: JsonSchema;
  problems(value: unknown): readonly Problem[];
  /** Never set: carries the type of the values. */
  readonly values?: T;
}

// A NUL or half a surrogate pair cannot be stored; other control characters have no place in what people read.
const UNSTORABLE = /[\p{Control}\p{Surrogate}]/u;

const problem = (rule: string, detail: string): readonly Problem[] => [{ path: '', rule, detail }];

interface TextOptions {
  readonly maxLength: number;
  readonly pattern?: RegExp;
  readonly format?: string;
  /** Why this text is not allowed, in words that follow the field's name; undefined when it is. */
  readonly refusal?: (value: string) => string | undefined;
}

export function text({ maxLength, pattern, format, refusal }: TextOptions): Kind<string> {
  return {
    schema: { type: 'string', maxLength, ...(pattern && { pattern: pattern.source }), ...(format !== undefined && { format }) },
    problems(value) {
      if (typeof value !== 'string') return problem('type', 'must be a string');
      if (value.length > maxLength) return problem('max-length', `must have at most ${String(maxLength)} characters`);
      if (UNSTORABLE.test(value)) return problem('characters', 'must not contain control characters or broken Unicode');
      if (pattern?.test(value) === false) return problem('pattern', `must match ${pattern.source}`);
      const refused = refusal?.(value);
      return refused === undefined ? [] : problem('format', refused);
    },
  };
}

export function integer(minimum: number, maximum: number): Kind<number> {
  return {
    schema: { type: 'integer', minimum, maximum },
    problems(value) {
      if (!Number.isInteger(value)) return problem('type', 'must be a whole number');
      const inRange = Number(value) >= minimum && Number(value) <= maximum;
      return inRange ? [] : problem('range', `must be from ${String(minimum)} to ${String(maximum)}`);
    },
  };
}

export const flag: Kind<boolean> = {
  schema: { type: 'boolean' },
  problems: (value) => (typeof value === 'boolean' ? [] : problem('type', 'must be true or false')),
};

export function oneOf<const T extends string>(allowed: readonly T[]): Kind<T> {
  return {
    schema: { type: 'string', enum: allowed },
    problems: (value) => (allowed.some((one) => one === value) ? [] : problem('enum', `must be one of: ${allowed.join(', ')}`)),
  };
}

/** An array in which nothing stands twice. */
export function listOf<T>(kind: Kind<T>, minItems: number, maxItems: number): Kind<readonly T[]> {
  return {
    schema: { type: 'array', items: kind.schema, minItems, maxItems, uniqueItems: true },
    problems(value) {
      if (!Array.isArray(value)) return problem('type', 'must be an array');
      if (value.length < minItems) return problem('min-items', `must have at least ${String(minItems)} entry`);
      if (value.length > maxItems) return problem('max-items', `must have at most ${String(maxItems)} entries`);
      return value.flatMap((item: unknown, index) => [
        ...kind.problems(item).map((wrong) => ({ ...wrong, path: `/${String(index)}${wrong.path}` })),
        ...(value.indexOf(item) < index ? [{ path: `/${String(index)}`, rule: 'unique', detail: 'must not repeat' }] : []),
      ]);
    },
  };
}

/** `null` is a value of its own: “none”, “off”. */
export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  return {
    schema: { ...kind.schema, type: [kind.schema['type'], 'null'] },
    problems: (value) => (value === null ? [] : kind.problems(value)),
  };
}
