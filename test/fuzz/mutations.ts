/**
 * Changes a request in ways in which no client would. Each mutation is one kind of damage; `framing.ts` damages the framing of HTTP. All
 * choices come from `random`, so a request can be created again from its number.
 */
import { type Body, type Draft, encodeParameters, type Header, type Parameter } from './draft.js';
import { HEADERS, JSON_TEXTS, JSON_VALUES, NAMES, NUMBERS, RAW, STRINGS } from './hostile-values.js';
import type { Random } from './random.js';

type Mutation = (draft: Draft, random: Random) => Draft;

const MUTATIONS = {
  'parameter: hostile value': onParameter((one, random) => [{ ...one, value: random.pick(STRINGS) }]),
  'parameter: raw value': onParameter((one, random) => [{ ...one, value: random.pick(RAW), raw: true }]),
  'parameter: twice': onParameter((one, random) => [one, random.chance(0.5) ? one : { ...one, value: random.pick(STRINGS) }]),
  'parameter: missing': onParameter(() => []),
  'parameter: empty': onParameter((one) => [{ ...one, value: '' }]),
  'parameter: bytes': onParameter((one, random) => [{ ...one, value: damage(one.value, random) }]),
  'parameter: over its limit': onParameter(
    (one, random) => [{ ...one, value: random.pick(['a', '€', '%41', '\u{1f600}']).repeat(random.pick([256, 512, 1024, 2000])) }],
  ),
  'parameter: another name': onParameter((one, random) => [{ ...one, name: random.pick(NAMES) }]),
  'parameters: more': addParameter,
  'parameters: a hundred': addHundred,
  'parameters: in the other place': swapPlaces,
  'header: hostile': hostileHeader,
  'header: twice': headerTwice,
  'header: missing': headerMissing,
  'header: bytes': headerBytes,
  'path: bytes': pathBytes,
  'path: escapes': pathEscapes,
  'method: another': (draft, random) => ({
    ...draft,
    method: random.pick(['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
  }),
  'body: missing': (draft) => ({ ...draft, body: { kind: 'none' } }),
  'body: bytes': bodyBytes,
  'body: JSON text': jsonText,
  'body: JSON node': jsonNode,
} as const satisfies Record<string, Mutation>;

export type MutationName = keyof typeof MUTATIONS;

const NAMES_OF_ALL = Object.keys(MUTATIONS) as [MutationName, ...MutationName[]];

export interface Mutated {
  readonly draft: Draft;
  readonly mutations: readonly MutationName[];
}

/** More than half of all requests are not mutated, so the code behind the checks is reached too. */
export function mutate(draft: Draft, random: Random): Mutated {
  const chance = random.next();
  const count = chance < 0.6 ? 0 : chance < 0.88 ? 1 : chance < 0.97 ? 2 : 4;
  const mutations = Array.from({ length: count }, () => random.pick(NAMES_OF_ALL));
  return { draft: mutations.reduce((mutated, name) => MUTATIONS[name](mutated, random), draft), mutations };
}

function onParameter(change: (one: Parameter, random: Random) => readonly Parameter[]): Mutation {
  return (draft, random) => {
    const prefersForm = draft.query.length === 0 || random.chance(0.8);
    const form = draft.body.kind === 'form' && prefersForm ? draft.body.form : undefined;
    const all = form ?? draft.query;
    const at = random.int(Math.max(1, all.length));
    const changed = all.flatMap((one, index) => (index === at ? change(one, random) : [one]));
    return form === undefined ? { ...draft, query: changed } : { ...draft, body: { kind: 'form', form: changed } };
  };
}

function addParameter(draft: Draft, random: Random): Draft {
  const more: Parameter = { name: random.pick(NAMES), value: random.pick(STRINGS), raw: false };
  const raw: Parameter = { name: random.pick(RAW), value: random.pick(RAW), raw: true };
  const added = random.chance(0.7) ? more : raw;
  if (draft.body.kind === 'form' && random.chance(0.7)) return {
    ...draft,
    body: { kind: 'form', form: [...draft.body.form, added] },
  };
  return { ...draft, query: [...draft.query, added] };
}

function addHundred(draft: Draft, random: Random): Draft {
  const [count, name] = [random.pick([50, 90, 100, 101, 500]), random.pick(NAMES)];
  const more = Array.from({ length: count }, (_, index) => ({ name: `${name.slice(0, 20)}${String(index)}`, value: '1' }));
  return draft.body.kind === 'form' ? { ...draft, body: { kind: 'form', form: [...draft.body.form, ...more] } } : {
    ...draft,
    query: [...draft.query, ...more],
  };
}

function swapPlaces(draft: Draft): Draft {
  if (draft.body.kind === 'form') return {
    ...draft,
    query: draft.body.form.slice(0, 40),
    body: { kind: 'form', form: draft.query },
  };
  return { ...draft, method: 'POST', query: [], body: { kind: 'form', form: draft.query } };
}

function hostileHeader(draft: Draft, random: Random): Draft {
  const [name, value] = random.pick(HEADERS);
  const rest = draft.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...draft, headers: random.chance(0.8) ? [...rest, [name, value]] : [...draft.headers, [name, value]] };
}

function headerTwice(draft: Draft, random: Random): Draft {
  const one = random.among(draft.headers);
  const [name, value] = random.pick(HEADERS);
  if (one === undefined) return { ...draft, headers: [...draft.headers, [name, value], [name, value]] };
  return { ...draft, headers: [...draft.headers, random.chance(0.5) ? one : [one[0].toUpperCase(), value]] };
}

function headerMissing(draft: Draft, random: Random): Draft {
  const at = random.int(Math.max(1, draft.headers.length));
  return { ...draft, headers: draft.headers.filter((_one, index) => index !== at) };
}

function headerBytes(draft: Draft, random: Random): Draft {
  const at = random.int(Math.max(1, draft.headers.length));
  // A line break or NUL would change the framing.
  const change = ([name, value]: Header): Header => [name, damage(value, random).replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')];
  return { ...draft, headers: draft.headers.map((one, index) => (index === at ? change(one) : one)) };
}

function pathBytes(draft: Draft, random: Random): Draft {
  const path = damage(draft.path, random).replaceAll(/[^\x21-\x7e\x80-\xff]/g, '');
  return { ...draft, path: path.startsWith('/') ? path : `/${path}` };
}

function pathEscapes(draft: Draft, random: Random): Draft {
  const at = 1 + random.int(draft.path.length);
  const raw = random.pick(RAW).replaceAll(/[^\x21-\x7e\x80-\xff]/g, '');
  return { ...draft, path: `${draft.path.slice(0, at)}${raw}${draft.path.slice(at)}` };
}

function bodyBytes(draft: Draft, random: Random): Draft {
  return { ...draft, body: { kind: 'text', text: damage(textOf(draft.body), random) } };
}

function jsonText(draft: Draft, random: Random): Draft {
  return { ...draft, body: { kind: 'text', text: random.pick(JSON_TEXTS) } };
}

function jsonNode(draft: Draft, random: Random): Draft {
  const [chance, string, number, other] = [random.next(), random.pick(STRINGS), random.pick(NUMBERS), random.pick(JSON_VALUES)];
  const value = chance < 0.4 ? string : chance < 0.7 ? number : other;
  if (draft.body.kind !== 'json') return draft;
  return { ...draft, body: { kind: 'json', json: replaceSomewhere(draft.body.json, value, random) } };
}

/** Replaces one node by `value`, or adds `value` under an unexpected name. */
function replaceSomewhere(node: unknown, value: unknown, random: Random): unknown {
  if (typeof node !== 'object' || node === null || random.chance(0.05)) return value;
  if (Array.isArray(node)) {
    const at = random.int(node.length + 1);
    return node.length === at ? [...(node as unknown[]), value] : node.map(
      (item: unknown, index) => (index === at ? replaceSomewhere(item, value, random) : item),
    );
  }
  const entries = Object.entries(node);
  const at = random.int(entries.length + 1);
  const chosen = entries[at];
  if (chosen === undefined) return Object.fromEntries([...entries, [random.pick(NAMES), value]]);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, name === chosen[0] ? replaceSomewhere(item, value, random) : item]),
  );
}

/** The bytes of the body as latin1. */
export function textOf(body: Body): string {
  switch (body.kind) {
    case 'none':
      return '';
    case 'form':
      return encodeParameters(body.form);
    case 'json':
      return Buffer.from(JSON.stringify(body.json)).toString('latin1');
    case 'text':
      return body.text;
  }
}

/** Inserts, removes, repeats and replaces a few characters, or cuts the text. */
export function damage(text: string, random: Random): string {
  let damaged = text;
  for (let left = 1 + random.int(3); left > 0; left -= 1) {
    const at = random.int(damaged.length + 1);
    const [before, after] = [damaged.slice(0, at), damaged.slice(at)];
    const byte = String.fromCharCode(random.int(256));
    const [kind, length] = [random.int(5), 1 + random.int(8)];
    if (kind === 0) damaged = before + byte + after;
    else if (kind === 1) damaged = before + after.slice(length);
    else if (kind === 2) damaged = before + after.slice(0, length).repeat(2) + after.slice(length);
    else if (kind === 3) damaged = before + byte + after.slice(1);
    else damaged = before;
  }
  return damaged;
}
