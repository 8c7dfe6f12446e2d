/** Pages of the event log: unlike in other lists the cursor is a position that callers keep, compare and come back with. */
import type { CloudEvent } from '#events/contracts.js';
import type { Form } from '../http/form.js';
import { Answer } from './answer.js';
import type { NamedSchema, QueryParameters } from './operation.js';
import { limitParameter, readLimit } from './page.js';
import { Problem } from './problem.js';

const MAX_TYPES = 50;
/** The largest position that the log can have: bigint of Postgres. */
const LAST_POSITION = 2n ** 63n - 1n;
const TYPE = /^gatehouse\.[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*\.v[1-9]\d{0,3}$/;

export interface EventPageRequest {
  readonly after: bigint;
  readonly types: readonly string[] | undefined;
  readonly limit: number;
}

const position = { type: 'string', pattern: String.raw`^(0|[1-9]\d{0,18})$` };

export const eventParameters: QueryParameters = {
  after: { schema: { ...position, default: '0' }, description: 'A `sequence`: only events behind it.' },
  types: { schema: { type: 'string' }, description: `Only events of these types: up to ${String(MAX_TYPES)}, comma-separated.` },
  ...limitParameter,
};

export const cloudEvent: NamedSchema = {
  name: 'Event',
  schema: {
    type: 'object',
    description: 'CloudEvents 1.0 in structured JSON.',
    required: ['specversion', 'id', 'type', 'source', 'subject', 'time', 'datacontenttype', 'data', 'sequence'],
    additionalProperties: false,
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string', format: 'uuid' },
      type: { type: 'string', pattern: TYPE.source },
      source: { type: 'string', format: 'uri' },
      subject: { type: 'string' },
      time: { type: 'string', format: 'date-time' },
      datacontenttype: { const: 'application/json' },
      data: { type: 'object' },
      sequence: position,
      traceid: { type: 'string', pattern: '^[0-9a-f]{32}$' },
    },
  },
};

export function readEventPage(query: Form): EventPageRequest {
  for (const name of ['after', 'types', 'limit']) {
    if (query.has(name) && query.get(name) === undefined) throw new Problem('invalid-parameter', `${name} must have one value`);
  }
  return { after: readPosition(query.get('after') ?? '0'), types: readTypes(query.get('types')), limit: readLimit(query) };
}

/** `found` holds one event more than the limit where there is a next page; `url` is absolute, without query. */
export function eventPageAnswer(request: EventPageRequest, found: readonly CloudEvent[], url: string): Answer {
  const items = found.slice(0, request.limit);
  const last = items.at(-1);
  if (found.length <= request.limit || last === undefined) return new Answer(200, { items });
  const next = new URLSearchParams({
    after: last.sequence,
    ...(request.types && { types: request.types.join(',') }),
    limit: String(request.limit),
  });
  return new Answer(200, { items }, { link: `<${url}?${next.toString()}>; rel="next"` });
}

function readPosition(text: string): bigint {
  const after = /^(0|[1-9]\d{0,18})$/.test(text) ? BigInt(text) : undefined;
  if (after !== undefined && after <= LAST_POSITION) return after;
  throw new Problem('invalid-parameter', 'after must be the sequence of an event');
}

function readTypes(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const types = [...new Set(text.split(','))];
  if (types.length > MAX_TYPES) throw new Problem('invalid-parameter', `types must name at most ${String(MAX_TYPES)} types`);
  if (types.every((type) => TYPE.test(type))) return types;
  throw new Problem('invalid-parameter', 'types must be types of events, separated by commas');
}
