import type { CloudEvent } from '#events/contracts.js';
import { Form } from '../http/form.js';
import { eventPageAnswer, readEventPage } from './event-page.js';
import { Problem } from './problem.js';

const REPLAYED = 'gatehouse.authorization.code-replayed.v1';
const LOCKED = 'gatehouse.authentication.account-locked.v1';

function query(text: string): Form {
  const form = Form.parse(text);
  if (form instanceof Form) return form;
  throw new Error(form);
}

const event = (sequence: string): CloudEvent => ({ sequence }) as CloudEvent;

describe('the query of the event log', () => {
  it('without parameters reads from the start of the log, with all types, in pages of 50', () => {
    expect(readEventPage(query(''))).toEqual({ after: 0n, types: undefined, limit: 50 });
  });

  it('may have a position beyond 2^53, types, of which duplicates are dropped, and a limit', () => {
    expect(readEventPage(query(`after=9007199254740993&types=${REPLAYED},${LOCKED},${REPLAYED}&limit=200`))).toEqual({
      after: 9_007_199_254_740_993n,
      types: [REPLAYED, LOCKED],
      limit: 200,
    });
  });

  it.each([
    'after=', 'after=-1', 'after=01', 'after=1.5', 'after=1e3', 'after=x', 'after=9223372036854775808', 'after=1&after=2',
    'types=', 'types=,', `types=${REPLAYED},`, `types=${REPLAYED}, ${LOCKED}`, 'types=code-replayed', 'types=gatehouse.*.*.v1',
    `types=${Array.from({ length: 51 }, (_, index) => `gatehouse.a.b.v${String(index + 1)}`).join(',')}`,
    'limit=0', 'limit=201', 'limit=ten', 'limit=', 'limit=1&limit=2',
  ])('is refused with a problem: %s', (text) => {
    expect(() => readEventPage(query(text))).toThrow(Problem);
  });
});

describe('a page of the event log', () => {
  const url = 'https://id.company.test/admin/v1/events';

  it('has a link to the next page, after its last event and with the same types, if there are more events', () => {
    const request = { after: 4n, types: [REPLAYED, LOCKED], limit: 2 };
    const answer = eventPageAnswer(request, ['5', '7', '8'].map(event), url);
    expect(answer.body).toEqual({ items: [event('5'), event('7')] });
    const next = /^<([^>]+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1] ?? '';
    expect(next.startsWith(`${url}?`)).toBe(true);
    expect(readEventPage(query(new URL(next).search.slice(1)))).toEqual({ ...request, after: 7n });
  });

  it('has no link if it is the last page', () => {
    expect(eventPageAnswer({ after: 0n, types: undefined, limit: 2 }, ['1', '2'].map(event), url).headers).toEqual({});
    expect(eventPageAnswer({ after: 0n, types: undefined, limit: 2 }, [], url).body).toEqual({ items: [] });
  });
});
