import { type Answer, AnswerReader, MalformedAnswer } from './read-answers.js';
import { get, post } from './draft.js';
import { Pool } from './pool.js';
import { brokenRules } from './properties.js';
import { Random } from './random.js';
import { type FuzzRequest, requestOf } from './framing.js';

const ADMIN = { clientId: 'admin', secret: 'a secret', method: 'client_secret_basic', redirectUris: ['https://rp.example/callback'], scope: '' };
const HEADERS = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

function aPool(): Pool {
  const pool = new Pool(ADMIN);
  pool.clients.push(ADMIN);
  pool.redirectUris.add('https://rp.example/callback');
  return pool;
}

function anAnswer(status: number, headers: Readonly<Record<string, string>>, body = ''): Answer {
  const lines = Object.entries({ ...HEADERS, ...headers }).map(([name, value]) => [name, [value]] as const);
  return { status, headers: new Map(lines), body: Buffer.from(body) };
}

function aRequest(draft = get('GET login', '/login')): FuzzRequest {
  return { number: 0, draft, mutations: [], bytes: Buffer.alloc(0), delivery: 'shared' };
}

const PAGE = { 'content-type': 'text/html; charset=utf-8' };
const JSON_ERROR = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
const TOKEN = post('token', '/oauth/v2/oauth-token', {});
const CLIENTS = get('GET admin/clients', '/admin/v1/clients');

describe('the rules for answers', () => {
  it('a right answer breaks none', () => {
    expect(brokenRules(aRequest(), anAnswer(200, PAGE, '<p>x</p></html>'), aPool())).toEqual([]);
    const redirect = anAnswer(303, { location: 'https://rp.example/callback?code=a' });
    expect(brokenRules(aRequest(), redirect, aPool())).toEqual([]);
  });

  it.each<[string, Answer, FuzzRequest?]>([
    ['the status is 500', anAnswer(500, { ...PAGE, 'cache-control': 'no-store' }, '</html>')],
    ['no X-Frame-Options', { ...anAnswer(200, PAGE, '</html>'), headers: new Map([['content-type', [PAGE['content-type']]]]) }],
    ['a redirect to https://evil.example', anAnswer(303, { location: 'https://evil.example/?code=a' })],
    ['a redirect to https://rp.example/callback.evil', anAnswer(303, { location: 'https://rp.example/callback.evil.example/?code=a' })],
    ['a redirect to //evil.example', anAnswer(303, { location: '//evil.example/' })],
    ['a redirect with status 302', anAnswer(302, { location: '/login' })],
    ['unescaped', anAnswer(200, PAGE, '<input value="x"><fuzzx y=\'"></html>')],
    ['an unknown script', anAnswer(200, PAGE, '<script>alert(1)</script></html>')],
    ['a link that runs a script', anAnswer(200, PAGE, '<a href="javascript:x()">x</a></html>')],
    ['has added a header to the answer', anAnswer(200, { 'x-fuzzx': '1' })],
    ['the error is oops', anAnswer(400, JSON_ERROR, '{"error":"oops"}'), aRequest(TOKEN)],
    ['reveals internals', anAnswer(400, JSON_ERROR, '{"error":"x\\n    at f (a.ts:1:2)"}'), aRequest(TOKEN)],
    ['not application/problem+json', anAnswer(404, JSON_ERROR, '{"error":"invalid_request"}'), aRequest(CLIENTS)],
    ['not an answer of RFC 6749', anAnswer(200, JSON_ERROR, '{"access_token":"x"}'), aRequest(TOKEN)],
  ])('a broken rule is reported: %s', (sentence, answer, request = aRequest()) => {
    expect(brokenRules(request, answer, aPool()).join('\n')).toContain(sentence);
  });

  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na'],
    ['no length', 'HTTP/1.1 200 OK\r\nX: y\r\n\r\n'],
    ['no status line', 'hello\r\n\r\n'],
    ['a line that is not a header', 'HTTP/1.1 200 OK\r\nno header\r\n\r\n'],
    ['a chunk that does not end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n'],
  ])('an answer with %s is malformed', (_what, bytes) => {
    const reader = new AnswerReader();
    reader.add(Buffer.from(bytes));
    expect(() => reader.take(false)).toThrow(MalformedAnswer);
  });

  it('the seed and the number of a request determine the request', () => {
    const requests = (seed: number) =>
      Array.from({ length: 500 }, (_, number) => {
        const { draft, mutations, delivery } = requestOf(seed, number, aPool());
        return [draft.endpoint, draft.method, ...mutations, delivery].join(' ');
      });
    expect(requests(7)).toEqual(requests(7));
    expect(requests(7)).not.toEqual(requests(8));
    expect(new Set(requests(7)).size).toBeGreaterThan(200);
    expect(new Random(7, 1).next()).not.toBe(new Random(7, 2).next());
  });
});
