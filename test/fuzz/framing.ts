/** Encodes a draft as bytes, mostly with valid framing, sometimes with broken framing of any kind (RFC 9112 §6, §11). */
import { type Draft, encodeParameters, escapeOf } from './draft.js';
import { drawRequest } from './grammar.js';
import { damage, mutate, textOf } from './mutations.js';
import type { Pool } from './pool.js';
import { Random } from './random.js';

export interface FuzzRequest {
  /** The position in the run, from 0. Seed and number determine the request. */
  readonly number: number;
  readonly draft: Draft;
  readonly mutations: readonly string[];
  readonly bytes: Buffer;
  /** `shared`: the framing is valid, so other requests can follow on the connection. */
  readonly delivery: 'shared' | 'alone' | 'abort' | 'trickle';
}

/** Headers that end or change a connection. */
const OWN_CONNECTION = /^(connection|keep-alive|upgrade|expect|transfer-encoding|te|trailer|content-length|host)$/i;
const HOST = 'localhost';

const LENGTHS = ['-1', '+1', '0x10', '1e1', ' ', '1,1', '99999999999999999999', 'abc', '\u00b2'] as const;
const CHUNK_SIZES = ['zz', '-1', 'ffffffffffffffff', '5;ext="', ''] as const;
const CODINGS = ['gzip', 'chunked, gzip', 'xchunked', 'chunked, chunked', ' '] as const;
const LINES = [': a', 'A B: c', 'A : b', 'X\u0000: a', 'X: a\u0000', 'X: a\rb', 'H\u00f6st: a', 'no colon', ' X: a'] as const;
const VERSIONS = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.9', 'HTTPS/1.1', '', 'http/1.1'] as const;
const TARGETS = [
  '*', 'http://localhost/login', 'http://evil.example/login', 'localhost:80', 'login', '', '/login HTTP/1.1 x', '/lo gin', '\\login',
  '?a=b', 'http://', '/\u0000', '/login#a', 'HTTP://LOCALHOST//login', '/%', 'https://[::1/',
] as const;
const METHODS = ['get', 'BREW', 'CONNECT', 'G\u0000T', 'X'.repeat(2000), 'PRI', 'GET\t', '-'] as const;
const HOSTS = [
  'evil.example', '', 'a b', 'localhost:99999', '[::1', 'a\u00e9', 'x\r\nHost: y', '"><fuzzx>', '__proto__',
] as const;
const APPENDED = ['\r\n', '\u0000\u0001', 'GET', 'x'.repeat(100), '\r\n\r\nGET / HTTP/1.1\r\n'] as const;
const NOT_HTTP = [
  'EHLO localhost\r\n', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000', '\r\n\r\n\r\n', '{"a":1}\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '\u0000'.repeat(100), 'GET', 'GET / HTTP/1.1\r\nHost: a\r\n',
] as const;

type Framing = (parts: Parts, random: Random) => string;

const FRAMINGS = {
  'framing: no length': (parts) => framed(parts, undefined),
  'framing: length too short': (parts) => framed(parts, String(Math.max(0, parts.body.length - 3))),
  'framing: length too long': (parts) => framed(parts, String(parts.body.length + 7)),
  'framing: wrong length': (parts, random) => framed(parts, random.pick(LENGTHS)),
  'framing: two lengths': (parts) => valid(withHeader(parts, `Content-Length: ${String(parts.body.length + 1)}`)),
  'framing: length and chunks': (parts) => valid(withHeader(parts, 'Transfer-Encoding: chunked')),
  'framing: broken chunks': (parts, random) => {
    const body = `${random.pick(CHUNK_SIZES)}\r\n${parts.body}\r\n0\r\n\r\n`;
    return framed(withHeader({ ...parts, body }, 'Transfer-Encoding: chunked'), undefined);
  },
  'framing: wrong coding': (parts, random) => valid(withHeader(parts, `Transfer-Encoding: ${random.pick(CODINGS)}`)),
  'framing: bare line feeds': (parts) => valid(parts).replaceAll('\r\n', '\n'),
  'framing: folded header': (parts) => valid(withHeader(parts, 'X-Folded: a\r\n b')),
  'framing: wrong header': (parts, random) => valid(withHeader(parts, random.pick(LINES))),
  'framing: wrong version': (parts, random) => valid({ ...parts, line: parts.line.replace('HTTP/1.1', random.pick(VERSIONS)) }),
  'framing: wrong target': (parts, random) => valid({
    ...parts,
    line: `${parts.line.split(' ', 1).join('')} ${random.pick(TARGETS)} HTTP/1.1`,
  }),
  'framing: wrong method': (parts, random) => valid({ ...parts, line: parts.line.replace(/^\S+/, random.pick(METHODS)) }),
  'framing: no host': (parts) => valid({ ...parts, headers: parts.headers.replace(/^Host: /, 'X-No-Host: ') }),
  'framing: wrong host': (parts, random) => valid({
    ...parts,
    headers: parts.headers.replace(/^Host: [^\r]*/, `Host: ${random.pick(HOSTS)}`),
  }),
  'framing: many headers': (parts) => valid({ ...parts, headers: `${parts.headers}${'\r\nX: y'.repeat(2100)}` }),
  'framing: large head': (parts) => valid(withHeader(parts, `X-Large: ${'a'.repeat(16_500)}`)),
  'framing: large target': (parts) => valid({ ...parts, line: parts.line.replace(' HTTP', `${'a'.repeat(17_000)} HTTP`) }),
  'framing: large body': (parts, random) => valid({
    ...parts,
    body: `${parts.body}${'a'.repeat(random.pick([65_536, 70_000, 300_000]))}`,
  }),
  'framing: bytes': (parts, random) => damage(valid(parts), random),
  'framing: garbage appended': (parts, random) => `${valid(parts)}${random.pick(APPENDED)}`,
  'framing: second request appended': (parts) => `${valid(parts)}GET /health/live HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`,
  'framing: not HTTP': (_parts, random) => random.pick(NOT_HTTP),
} as const satisfies Record<string, Framing>;

type FramingName = keyof typeof FRAMINGS;
const FRAMING_NAMES = Object.keys(FRAMINGS) as [FramingName, ...FramingName[]];

interface Parts {
  readonly line: string;
  readonly headers: string;
  readonly body: string;
}

/** The request with this number. Its values from the pool depend on the run, everything else on seed and number. */
export function requestOf(seed: number, number: number, pool: Pool): FuzzRequest {
  const random = new Random(seed, number);
  const { draft, mutations } = mutate(drawRequest(random, pool), random);
  const parts = partsOf(draft);
  const chance = random.next();
  const framing = random.pick(FRAMING_NAMES);
  const at = random.next();
  if (chance < 0.018) {
    const bytes = Buffer.from(FRAMINGS[framing](parts, random), 'latin1');
    return { number, draft, mutations: [...mutations, framing], bytes, delivery: 'alone' };
  }
  const length = draft.body.kind === 'none' ? undefined : String(parts.body.length);
  const all = Buffer.from(chance < 0.04 && length !== undefined ? chunked(parts, random) : framed(parts, length), 'latin1');
  if (chance > 0.994) {
    const delivery = chance > 0.9997 ? 'trickle' : 'abort';
    return {
      number,
      draft,
      mutations: [...mutations, delivery],
      bytes: all.subarray(0, 1 + Math.floor(at * (all.length - 1))),
      delivery,
    };
  }
  return { number, draft, mutations, bytes: all, delivery: needsOwnConnection(draft, parts) ? 'alone' : 'shared' };
}

/** Whether the request is near a size limit, or may end the connection. */
function needsOwnConnection({ headers }: Draft, parts: Parts): boolean {
  const isLarge = parts.line.length + parts.headers.length > 12_000 || parts.body.length > 60_000;
  return isLarge || /[^ -~]/.test(parts.line) || headers.some(([name]) => OWN_CONNECTION.test(name));
}

function partsOf(draft: Draft): Parts {
  const query = draft.query.length === 0 ? '' : `?${encodeParameters(draft.query)}`;
  // A raw parameter may contain bytes that would end the request line.
  const target = `${draft.path}${query}`.replaceAll(/[\x00-\x20\x7f]/g, (byte) => escapeOf(byte.charCodeAt(0)));
  const headers = [`Host: ${HOST}`, ...draft.headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  return { line: `${draft.method} ${target} HTTP/1.1`, headers, body: textOf(draft.body) };
}

function framed({ line, headers, body }: Parts, length: string | undefined): string {
  return `${line}\r\n${headers}${length === undefined ? '' : `\r\nContent-Length: ${length}`}\r\n\r\n${body}`;
}

/** The request with the right length. */
function valid(parts: Parts): string {
  return framed(parts, String(parts.body.length));
}

function withHeader(parts: Parts, line: string): Parts {
  return { ...parts, headers: `${parts.headers}\r\n${line}` };
}

/** The request with its body in chunks of random sizes, sometimes with extensions and a trailer (RFC 9112 §7.1). */
function chunked({ line, headers, body }: Parts, random: Random): string {
  let rest = body;
  let chunks = '';
  while (rest.length > 0 && chunks.length < 200_000) {
    const size = 1 + random.int(Math.max(1, rest.length));
    chunks += `${size.toString(16)}${random.chance(0.1) ? ';a=b' : ''}\r\n${rest.slice(0, size)}\r\n`;
    rest = rest.slice(size);
  }
  const trailer = random.chance(0.1) ? 'X-Trailer: a\r\n' : '';
  return `${line}\r\n${headers}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n${trailer}\r\n`;
}
