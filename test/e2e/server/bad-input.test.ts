import { connect } from 'node:net';
import { sendRaw } from '#test/raw-http.js';
import { startServer, type TestServer } from '#test/server.js';

const FORM = 'application/x-www-form-urlencoded';
const AUTHORIZE = '/oauth/v2/oauth-authorize';
const TOKEN = '/oauth/v2/oauth-token';
const CLIENTS = '/admin/v1/clients';
const FORM_PATHS = [AUTHORIZE, TOKEN, '/login'];
const ALL_PATHS = [...FORM_PATHS, CLIENTS];

/** Internals that no error may reveal. */
const INTERNALS = /node_modules|\.[jt]s:\d|SELECT |syntax error|Error:.*\n\s+at /;

describe('bad input', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  async function post(path: string, body: string | Buffer, type: string | undefined = FORM): Promise<{ status: number; text: string }> {
    const typed = type === '' ? [] : [`Content-Type: ${type}`];
    const { status, text } = await sendRaw(server.url, {
      head: [`POST ${path} HTTP/1.1`, `Content-Length: ${String(Buffer.byteLength(body))}`, ...typed],
      body,
    });
    return { status, text };
  }

  /** Sends the bytes unchanged, and closes the connection when `count` answers have begun. */
  function exchange(bytes: string, count: number): Promise<string[]> {
    const { port, hostname } = new URL(server.url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (text.split('\r\n\r\n').length > count) socket.end();
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text.split(/(?=HTTP\/1\.1 \d{3} )/)));
    });
  }

  async function get(target: string, headers: readonly string[] = []): Promise<{ status: number; text: string }> {
    return sendRaw(server.url, { head: [`GET ${target} HTTP/1.1`, ...headers] });
  }

  it.each(ALL_PATHS)('a body over 64 KiB gets a 413 at %s', async (path) => {
    const json = path === CLIENTS;
    const body = json ? JSON.stringify({ client_name: 'n'.repeat(65_536) }) : `grant_type=${'a'.repeat(65_536)}`;
    const { status, text } = await post(path, body, json ? 'application/json' : FORM);
    expect(status).toBe(413);
    expect(text.toLowerCase()).toContain('64 kib');
  });

  it('a chunked body over 64 KiB, which has no length, gets a 413', async () => {
    const chunk = `10000\r\n${'a'.repeat(0x10000)}\r\n`;
    const head = [`POST ${TOKEN} HTTP/1.1`, 'Transfer-Encoding: chunked', `Content-Type: ${FORM}`];
    expect((await sendRaw(server.url, { head, body: `${chunk}${chunk}0\r\n\r\n` })).status).toBe(413);
  });

  it.each(ALL_PATHS)('headers over 16 KiB get a 431 at %s', async (path) => {
    const { status, text } = await get(path, [`X-Large: ${'a'.repeat(17_000)}`]);
    expect(status).toBe(431);
    expect(text).toContain('invalid_request');
  });

  describe.each(FORM_PATHS)('in a form at %s', (path) => {
    it.each([
      ['invalid UTF-8, percent-encoded', 'client_id=%ff%fe'],
      ['invalid UTF-8, raw', Buffer.from([0x61, 0x3d, 0xff])],
      ['a NUL, percent-encoded', 'client_id=a%00b'],
      ['a NUL, raw', Buffer.from('client_id=a\0b')],
      ['broken percent-encoding', 'client_id=%zz'],
      ['too many parameters', Array.from({ length: 101 }, (_, index) => `p${String(index)}=1`).join('&')],
      ['a name over its limit', `${'n'.repeat(129)}=1`],
      ['a value over its limit', `client_id=${'v'.repeat(8193)}`],
    ])('%s gets a 400', async (_what, body) => {
      const { status, text } = await post(path, body);
      expect(status).toBe(400);
      expect(text).not.toMatch(INTERNALS);
    });

    it('a parameter sent twice gets a 4xx', async () => {
      const { status } = await post(path, 'client_id=a&client_id=b&csrf_token=x&csrf_token=y');
      expect([400, 403]).toContain(status);
    });

    it('__proto__, constructor and prototype are treated like any other name', async () => {
      const { status, text } = await post(path, '__proto__=1&constructor=2&prototype=3&__proto__[admin]=4');
      expect([400, 401, 403]).toContain(status);
      expect(text).not.toMatch(INTERNALS);
    });

    it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense', ''])(
      'the content type "%s" is refused',
      async (type) => {
        const { status, text } = await post(path, '{"__proto__":{"admin":true}}', type);
        expect([400, 415]).toContain(status);
        expect(text).not.toMatch(INTERNALS);
      },
    );

    it('a compressed body is refused', async () => {
      const head = [`POST ${path} HTTP/1.1`, 'Content-Length: 3', `Content-Type: ${FORM}`, 'Content-Encoding: gzip'];
      expect([400, 415]).toContain((await sendRaw(server.url, { head, body: 'a=b' })).status);
    });

    it('an incomplete body gets a 400 in time', async () => {
      const head = [`POST ${path} HTTP/1.1`, 'Content-Length: 100', `Content-Type: ${FORM}`];
      const { status, took } = await sendRaw(server.url, { head, body: 'client_id=a', end: true });
      expect(status).toBe(400);
      expect(took).toBeLessThan(5000);
    });
  });

  it.each([
    ['invalid UTF-8', '?client_id=%ff'],
    ['a NUL', '?client_id=%00'],
    ['broken percent-encoding', '?client_id=%'],
    ['too many parameters', `?${'a&'.repeat(101)}`],
    ['a value over its limit', `?client_id=${'v'.repeat(8193)}`],
    ['a parameter sent twice', '?client_id=a&client_id=b'],
  ])('%s in the query string gets a page with status 400 at the authorization endpoint', async (_what, query) => {
    const { status, text } = await get(AUTHORIZE + query);
    expect(status).toBe(400);
    expect(text).toMatch(/content-type: text\/html/i);
  });

  const badPaths = ['/%zz', '/%ff', '/login%00', '/admin/v1/clients/%00', '/admin/v1/clients/%ff', '/\xff'];
  it.each(badPaths)('the path %j gets a 400', async (path) => {
    expect((await sendRaw(server.url, { head: [`GET ${path} HTTP/1.1`] })).status).toBe(400);
  });

  describe('as JSON at the administration API', () => {
    it.each([
      ['malformed JSON', '{"client_name":'],
      ['an empty body', ''],
      ['a field named __proto__', '{"__proto__":{"enabled":true}}'],
      ['a nested field named __proto__', '{"client_name":{"a":[{"__proto__":1}]}}'],
      ['a NUL', '{"client_name":"a\\u0000b"}'],
      ['a lone surrogate', '{"client_name":"\\ud800"}'],
      ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22])],
      ['an array', '[]'],
      ['null', 'null'],
      ['a number', '1'],
      ['brackets without end', '['.repeat(60_000)],
    ])('%s gets a 4xx with problem+json', async (_what, body) => {
      const response = await fetch(server.url + CLIENTS, {
        method: 'POST',
        headers: { authorization: `Bearer ${await server.admin.token()}`, 'content-type': 'application/json' },
        body,
      });
      expect([400, 422]).toContain(response.status);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(await response.text()).not.toMatch(INTERNALS);
    });

    it('these requests have changed nothing', async () => {
      const { body } = await server.admin.get<unknown>('/clients');
      expect(JSON.stringify(body)).toContain('"admin"');
      expect(JSON.stringify(body).match(/"client_id"/g)).toHaveLength(1);
    });
  });

  it('a body that does not arrive gets a 408 after ten seconds', async () => {
    const head = [`POST ${TOKEN} HTTP/1.1`, 'Content-Length: 100', `Content-Type: ${FORM}`];
    const { status, took } = await sendRaw(server.url, { head, body: 'grant_type=' });
    expect(status).toBe(408);
    expect(took).toBeLessThan(15_000);
  });

  it.each([
    ['a request of another protocol', 'EHLO localhost'],
    ['an unknown method', 'BREW /login HTTP/1.1'],
    ['an unknown version', 'GET /login HTTP/9.9'],
  ])('%s gets a 400', async (_what, line) => {
    expect((await sendRaw(server.url, { head: [line] })).status).toBe(400);
  });

  it.each([
    ['no Host header', 'GET /login HTTP/1.1\r\n\r\n', 400],
    ['another protocol', 'EHLO localhost\r\n\r\n', 400],
    ['a malformed path', 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['an unknown Expect header', 'GET /login HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n', 200],
    ['a malformed request target', 'GET * HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['the absolute form', 'GET http://evil.example/login HTTP/1.1\r\nHost: a\r\n\r\n', 200],
    ['the absolute form without a path', 'GET http://evil.example?a=b HTTP/1.1\r\nHost: a\r\n\r\n', 200],
  ])('%s gets an answer with the security headers', async (_what, bytes, status) => {
    const [answer] = await exchange(bytes, 1);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
    expect(answer).toMatch(/\r\nx-content-type-options: nosniff\r\n/i);
    expect(answer).toMatch(/\r\nx-frame-options: DENY\r\n/i);
    expect(answer).toMatch(/\r\ncontent-security-policy: default-src 'none';.*frame-ancestors 'none'/i);
  });

  it('a broken request is answered after the requests before it on the connection', async () => {
    const answers = await exchange('GET /health/ready HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n', 2);
    expect(answers.map((answer) => answer.slice(0, 12))).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
  });

  it.each([
    ['PUT', '/login', 'GET, HEAD, POST'],
    ['DELETE', '/logout', 'GET, HEAD, POST'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['GET', TOKEN, 'POST'],
  ])('T1: %s %s gets a 405 with Allow: %s', async (method, path, allow) => {
    const response = await fetch(server.url + path, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  it('an unknown path gets a 404 page with a trace ID', async () => {
    const response = await fetch(`${server.url}/nothing-here`);
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch(/<dt>Trace ID<\/dt><dd><code>[0-9a-f]{32}<\/code><\/dd>/);
  });

  it('the trace ID of the caller is used', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const response = await fetch(`${server.url}/oauth/v2/nothing`, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
    expect(await response.json()).toMatchObject({ error: 'invalid_request', trace_id: traceId });
  });
});
