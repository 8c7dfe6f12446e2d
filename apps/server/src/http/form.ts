/**
 * The one reader of `application/x-www-form-urlencoded`, for bodies and query strings alike. It is strict where the
 * lenient parsers guess: what is not UTF-8, not percent-encoded, or over its limit is refused, and nothing is repaired,
 * so that the server and whoever stands in front of it cannot read two different requests out of one.
 */
import { Buffer, isUtf8 } from 'node:buffer';

export const MAX_PARAMETERS = 100;
/** In UTF-16 code units, after decoding. */
export const MAX_NAME_LENGTH = 128;
/** In UTF-16 code units, after decoding. */
export const MAX_VALUE_LENGTH = 8192;

export type FormProblem =
  | 'invalid-utf8'
  | 'invalid-percent-encoding'
  | 'nul'
  | 'too-many-parameters'
  | 'name-too-long'
  | 'value-too-long';

type Parameter = readonly [name: string, value: string];
type Decoded = { readonly text: string } | { readonly problem: FormProblem };

const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What was sent, immutable. Names are keys of Map and Set, so `__proto__` is a name like any other. */
export class Form {
  /** Names sent more than once, each named once, in the order of their repetition (RFC 6749 §3.1, §3.2: none may be). */
  readonly duplicates: readonly string[];
  readonly #parameters: readonly Parameter[];
  readonly #names = new Set<string>();
  readonly #values: ReadonlyMap<string, string>;

  private constructor(parameters: readonly Parameter[]) {
    const duplicates = new Set<string>();
    for (const [name] of parameters) {
      if (this.#names.has(name)) duplicates.add(name);
      this.#names.add(name);
    }
    this.duplicates = Object.freeze([...duplicates]);
    // Which of several values counts is a guess, and two readers guess differently: none of them does.
    this.#values = new Map(parameters.filter(([name, value]) => value !== '' && !duplicates.has(name)));
    this.#parameters = parameters;
  }

  /**
   * Reads a body, or a query string without its `?`. Never throws: what is wrong comes back as a {@link FormProblem}.
   */
  static parse(source: Buffer | string): Form | FormProblem {
    if (typeof source === 'string' ? LONE_SURROGATE.test(source) : !isUtf8(source)) return 'invalid-utf8';
    const sent = source.toString().split('&').filter((parameter) => parameter !== '');
    if (sent.length > MAX_PARAMETERS) return 'too-many-parameters';

    const parameters: Parameter[] = [];
    for (const encoded of sent) {
      const parameter = parseParameter(encoded);
      if (typeof parameter === 'string') return parameter;
      parameters.push(parameter);
    }
    return new Form(parameters);
  }

  /** The value; `undefined` when absent, empty (RFC 6749 §3.1: it counts as left out) or among the {@link duplicates}. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Whether the name was sent at all, be it without a value or more than once. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** All that {@link get} gives, by name. */
  values(): ReadonlyMap<string, string> {
    return new Map(this.#values);
  }

  /** Everything that was sent, in its order, with empty values and repetitions. */
  *entries(): Generator<[string, string]> {
    for (const [name, value] of this.#parameters) yield [name, value];
  }
}

function parseParameter(encoded: string): Parameter | FormProblem {
  const equals = encoded.indexOf('=');
  const name = decode(equals < 0 ? encoded : encoded.slice(0, equals));
  if ('problem' in name) return name.problem;
  if (name.text.length > MAX_NAME_LENGTH) return 'name-too-long';
  const value = decode(equals < 0 ? '' : encoded.slice(equals + 1));
  if ('problem' in value) return value.problem;
  if (value.text.length > MAX_VALUE_LENGTH) return 'value-too-long';
  return [name.text, value.text];
}

function decode(encoded: string): Decoded {
  if (BROKEN_ESCAPE.test(encoded)) return { problem: 'invalid-percent-encoding' };
  try {
    const text = decodeURIComponent(encoded.replaceAll('+', ' '));
    return text.includes('\0') ? { problem: 'nul' } : { text };
  } catch {
    // The escapes are whole, so what failed is the UTF-8 of their bytes.
    return { problem: 'invalid-utf8' };
  }
}
