/**
 * The only reader of `application/x-www-form-urlencoded`, for bodies and query strings. It refuses invalid UTF-8, broken
 * percent-encoding and values over a limit, and repairs nothing. So the server and a proxy cannot read one request differently.
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

/** The parameters that were sent, immutable. Names are keys of Map and Set, so `__proto__` is a name like any other. */
export class Form {
  /** Each name that was sent more than once, in the order of the repetitions. RFC 6749 §3.1 and §3.2 forbid repetitions. */
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
    // Another reader might choose another one of several values, so none of them counts.
    this.#values = new Map(parameters.filter(([name, value]) => value !== '' && !duplicates.has(name)));
    this.#parameters = parameters;
  }

  /**
   * Reads a body, or a query string without its `?`. Never throws: a problem is returned as a {@link FormProblem}.
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

  /** The value. Undefined if the name is absent, empty (RFC 6749 §3.1: as if omitted) or one of the {@link duplicates}. */
  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Whether the name was sent, even without a value or more than once. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Every value that {@link get} returns, by name. */
  values(): ReadonlyMap<string, string> {
    return new Map(this.#values);
  }

  /** All parameters in the order in which they were sent, with empty values and repetitions. */
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
    // The escapes are complete, so the bytes are not UTF-8.
    return { problem: 'invalid-utf8' };
  }
}
