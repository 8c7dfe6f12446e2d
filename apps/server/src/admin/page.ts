/** Lists in pages: what a caller may ask for, and the link to what comes next (RFC 8288). */
import type { PageRequest } from '#document/page-request.js';
import type { Form } from '../http/form.js';
import { Answer } from './answer.js';
import { contentEtag } from './etag.js';
import type { QueryParameters } from './operation.js';
import { Problem } from './problem.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const MAX_TEXT = 256;

export const limitParameter: QueryParameters = {
  limit: {
    schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    description: 'How many entries at most.',
  },
};

/** The query parameters of a list that is ordered by `key`. */
export function pageParameters(key: string): QueryParameters {
  return {
    ...limitParameter,
    after: { schema: { type: 'string' }, description: 'The cursor in the link to the next page; it has no meaning of its own.' },
    q: { schema: { type: 'string', maxLength: MAX_TEXT }, description: 'Only entries with this text in their ID or name.' },
    sort: { schema: { type: 'string', enum: [key, `-${key}`], default: key }, description: 'The order; `-` turns it round.' },
  };
}

export function readPage(query: Form, key: string): PageRequest {
  const sort = query.get('sort') ?? key;
  if (sort !== key && sort !== `-${key}`) throw new Problem('invalid-parameter', `sort must be ${key} or -${key}`);
  const q = query.get('q');
  if (q !== undefined && q.length > MAX_TEXT) throw new Problem('invalid-parameter', `q must have at most ${String(MAX_TEXT)} characters`);
  return { limit: readLimit(query), after: readCursor(query.get('after')), q, descending: sort !== key };
}

export function readLimit(query: Form): number {
  const limit = query.get('limit') ?? String(DEFAULT_LIMIT);
  if (/^[1-9]\d{0,2}$/.test(limit) && Number(limit) <= MAX_LIMIT) return Number(limit);
  throw new Problem('invalid-parameter', `limit must be a whole number from 1 to ${String(MAX_LIMIT)}`);
}

interface Found<Item> {
  /** One more than the limit, if there is a next page. */
  readonly found: readonly Item[];
  readonly keyOf: (item: Item) => string;
  readonly represent: (item: Item) => unknown;
  /** Absolute, without query. */
  readonly url: string;
}

/** A page as `{ "items": […] }`, with the link to the next one, if there is one. */
export function pageAnswer<Item>(query: Form, { limit }: PageRequest, { found, keyOf, represent, url }: Found<Item>): Answer {
  const page = found.slice(0, limit);
  const body = { items: page.map(represent) };
  const last = page.at(-1);
  const headers = { etag: contentEtag(body) };
  if (found.length <= limit || last === undefined) return new Answer(200, body, headers);
  const kept = [...query.entries()].filter(([name]) => name !== 'after');
  const next = new URLSearchParams([...kept, ['after', Buffer.from(keyOf(last)).toString('base64url')]]);
  return new Answer(200, body, { ...headers, link: `<${url}?${next.toString()}>; rel="next"` });
}

function readCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const key = Buffer.from(cursor, 'base64url').toString();
  // Only what this server could have written: canonical, and of the characters that keys are made of.
  if (/^[!-~]{1,256}$/.test(key) && Buffer.from(key).toString('base64url') === cursor) return key;
  throw new Problem('invalid-parameter', 'after must be a cursor from the link to the next page');
}
