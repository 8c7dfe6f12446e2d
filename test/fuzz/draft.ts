/** A request as the grammar creates it, before mutations and before it is encoded. */
import type { Answer } from './read-answers.js';

/** A raw parameter is sent byte for byte (latin1); any other one is percent-encoded. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly raw?: boolean;
}

export type Header = readonly [name: string, value: string];

export type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'form'; readonly form: readonly Parameter[] }
  | { readonly kind: 'json'; readonly json: unknown }
  /** The bytes of the body as latin1. */
  | { readonly kind: 'text'; readonly text: string };

export interface Draft {
  /** The name in the table of counts. */
  readonly endpoint: string;
  readonly method: string;
  /** The percent-encoded path of the request line. */
  readonly path: string;
  readonly query: readonly Parameter[];
  readonly headers: readonly Header[];
  readonly body: Body;
  /** Stores parts of the answer that later requests can use. */
  readonly learn?: (answer: Answer) => void;
}

type Values = Readonly<Record<string, string | undefined>>;

export function parameters(values: Values): readonly Parameter[] {
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

interface Parts {
  readonly query?: Values;
  readonly headers?: readonly Header[];
  readonly learn?: (answer: Answer) => void;
}

export function get(endpoint: string, path: string, { query = {}, headers = [], learn }: Parts = {}): Draft {
  return { endpoint, method: 'GET', path, query: parameters(query), headers, body: { kind: 'none' }, ...(learn && { learn }) };
}

export function post(endpoint: string, path: string, form: Values, parts: Parts = {}): Draft {
  const typed: Header = ['Content-Type', 'application/x-www-form-urlencoded'];
  const draft = get(endpoint, path, { ...parts, headers: [...(parts.headers ?? []), typed] });
  return { ...draft, method: 'POST', body: { kind: 'form', form: parameters(form) } };
}

export function send(draft: Draft, method: string, json: unknown): Draft {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return { ...draft, method, headers: [...draft.headers, ['Content-Type', type]], body: { kind: 'json', json } };
}

/** Percent-encodes UTF-8. A lone surrogate is encoded as in WTF-8, which no decoder may accept. */
export function percentEncode(text: string): string {
  return text.split(/(\p{Surrogate})/u).map((part, index) => (index % 2 === 0 ? encodeURIComponent(part) : encodeHalf(part))).join('');
}

function encodeHalf(half: string): string {
  const unit = half.charCodeAt(0);
  return [0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)].map(escapeOf).join('');
}

export function encodeParameters(parts: readonly Parameter[]): string {
  return parts.map(
    ({ name, value, raw = false }) => (raw ? `${name}=${value}` : `${percentEncode(name)}=${percentEncode(value)}`),
  ).join('&');
}

export function escapeOf(byte: number): string {
  return `%${byte.toString(16).padStart(2, '0')}`;
}
