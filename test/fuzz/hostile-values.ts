/** Values that are known to break servers. */

/** If a page contains this text, it does not escape values of the request (`properties.ts`). */
export const MARK = 'x"><fuzzx y=\'';

const LONG = 'l'.repeat(4000);

export const STRINGS: readonly [string, ...string[]] = [
  '', ' ', '0', '-1', 'null', 'undefined', 'true', 'NaN', '1e999', '99999999999999999999999', '-9223372036854775809',
  '2147483648',
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf', 'then', 'length',
  MARK, `${MARK}onload=alert(1)//`, '<script>fuzzx()</script>', '{{7*7}}', '<%= 7*7 %>', '$' + '{7*7}', 'javascript:fuzzx()',
  'data:text/html,<fuzzx>',
  "' OR 1=1 --", '"; DROP TABLE clients; --', '%', '_', '\\', '%%%', '\\%_', "\\'", '$1', '$$', '{}', '[]', '{"a":1}', '[1]',
  'é', 'e\u0301', 'ß', 'İ', 'ı', 'ﬃ',
  '\u0000', 'a\u0000b', '\ud800', 'a\udc00b', '\u{1f600}', '\ufeff', '\u202e', '\u2028', '\u200b', '\uffff', '\r\n',
  'a\r\nX-Fuzzx: 1', '\t', '\u007f', '\u0085',
  '../../etc/passwd', '..', '.', '/', '//', '//evil.example', 'https://evil.example/', 'https://evil.example\\@rp.example/cb',
  '/\\evil.example',
  'http://[::1', 'http://127.0.0.1:99999/cb', 'http://127.0.0.1:0/cb', 'https://', 'urn:x', 'mailto:a@b', '#', '?', '&', '=',
  '+', ';', ',',
  '1970-01-01', '9999-12-31T23:59:60Z', '-000001-01-01T00:00:00Z', '2026-02-30', '+275760-09-13T00:00:00.001Z', '0000',
  '253402300800000',
  '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'AAAA', 'A'.repeat(43), 'A'.repeat(51),
  '_'.repeat(51), '-'.repeat(52),
  'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', 'eyJhbGciOiJSUzI1NiJ9.e30.AAAA', 'a.b.c', '..', 'Basic', 'Bearer', '*', '"*"',
  'W/"1"',
  LONG, '€'.repeat(1500), 'a '.repeat(600), 'a,'.repeat(600), '"'.repeat(600), '('.repeat(600), '%25'.repeat(300),
  '\u0301'.repeat(600),
];

export const NAMES: readonly [string, ...string[]] = [
  '__proto__', 'constructor', 'prototype', '__proto__[admin]', 'a[]', 'a[b][c]', 'a.b', '', ' ', '\u0000', 'toString',
  'hasOwnProperty', MARK,
  'then', 'é', '\ud800', 'n'.repeat(129), 'client_id', 'redirect_uri', 'scope', 'state', 'request', 'request_uri',
  'client_assertion', 'resource',
  'access_token', 'code', 'limit', 'after', 'q', 'sort', 'types', 'dry_run', 'done', 'return', 'session',
];

/** Sent without encoding, as latin1. */
export const RAW: readonly [string, ...string[]] = [
  '%', '%z', '%zz', '%0', '%00', '%ff', '%c0%af', '%ed%a0%80', '%f4%90%80%80', '%e2%82', '%u0041', '\xff\xfe', '\xc3\x28',
  '\xed\xa0\x80', '\x00', '+', '%2B', '%26%3D', '=', '==', ';a=b', '%0d%0aX-Fuzzx:%201',
];

export const NUMBERS: readonly [number, ...number[]] = [
  0, -0, -1, 1, 0.5, 1e-7, 59, 60, 61, 600, 601, 86_400, 86_401, 31_536_001, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53,
  2 ** 53 + 2, -(2 ** 53), 1e21, 1.7976931348623157e308,
];

/** JSON texts that no serializer produces. */
export const JSON_TEXTS: readonly [string, ...string[]] = [
  '', ' ', '{', '}', '[]', 'null', 'true', '1', '"x"', '{}{}', '{"a":}', '{"a":1,}', "{'a':1}", '{"a":1e999}', '{"a":-0}',
  '{"a":0x10}', '{"a":NaN}', '\xef\xbb\xbf{}',
  '{"client_name":"\\ud800"}', '{"client_name":"\\u0000"}', '{"client_name":"a","client_name":"b"}',
  '{"client\\u005fname":"a","client_name":"b"}',
  '{"__proto__":{"enabled":true}}', '{"constructor":{"prototype":{"a":1}}}', '{"client_name":"\xff"}',
  '{"access_token_lifetime":1E400}',
  `{"access_token_lifetime":${'9'.repeat(400)}}`, `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, '['.repeat(30_000),
  `${'{"address":'.repeat(2500)}1${'}'.repeat(2500)}`,
  `${'{"a":'.repeat(900)}1${'}'.repeat(900)}`, `${'{"address":'.repeat(5500)}{}${'}'.repeat(5500)}`,
  `{"address":${'{"a":'.repeat(1800)}1${'}'.repeat(1800)}}`,
  `{${Array.from({ length: 3000 }, (_, index) => `"k${String(index)}":${String(index)}`).join(',')}}`,
  `{"redirect_uris":[${Array.from({ length: 1500 }, (_, index) => `"https://rp.example/${String(index)}"`).join(',')}]}`,
];

export const JSON_VALUES: readonly [unknown, ...unknown[]] = [
  null, true, false, {}, [], [[]], [null], [{}], { a: { b: [1, { c: null }] } }, '', [''], ['', ''], Array.from(
    { length: 1001 },
    (_, index) => `https://rp.example/${String(index)}`,
  ),
];

export const HEADERS: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['Authorization', ''], ['Authorization', 'Basic'], ['Authorization', 'Basic !!!'], ['Authorization', 'Basic Og=='],
  ['Authorization', 'Basic JTAwOiUwMA=='],
  ['Authorization', 'Basic /////w=='], ['Authorization', 'Basic JXp6OmE='], ['Authorization', `Basic ${'QUFB'.repeat(1000)}`],
  ['Authorization', 'Bearer'], ['Authorization', 'Bearer a b'],
  ['Authorization', `Bearer ${'A'.repeat(4000)}`], ['Authorization', 'Bearer \xff'], ['Authorization', 'Digest a="b"'],
  ['Authorization', 'Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
  ['Cookie', ''], ['Cookie', ';;;==;'], ['Cookie', '__proto__=1; constructor=2'],
  ['Cookie', 'gatehouse-session=%zz; gatehouse-browser=%ff'], ['Cookie', 'gatehouse-session="a"; gatehouse-csrf=%00'],
  ['Cookie', `gatehouse-browser=${'B'.repeat(43)}`], ['Cookie', `gatehouse-session=${'A'.repeat(51)}`],
  ['Cookie', `gatehouse-csrf=${'c'.repeat(3000)}`], ['Cookie', 'a=b; '.repeat(700)], ['Cookie', 'gatehouse-session=\xff'],
  ['Content-Type', ''], ['Content-Type', 'application/json'], ['Content-Type', 'text/plain'],
  ['Content-Type', 'multipart/form-data; boundary=x'], ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-16'],
  ['Content-Type', 'application/json; charset=utf-7'], ['Content-Type', '/'], ['Content-Type', ';;;'],
  ['Content-Type', 'APPLICATION/X-WWW-FORM-URLENCODED'], ['Content-Type', 'application/x-www-form-urlencoded;"'],
  ['Content-Type', 'a'.repeat(3000)],
  ['Content-Encoding', 'gzip'], ['Content-Encoding', 'identity'], ['Content-Encoding', 'br, gzip'],
  ['Expect', '100-continue'], ['Expect', 'the-unexpected'], ['Upgrade', 'websocket'], ['Upgrade', 'h2c'],
  ['Connection', 'close'], ['Connection', 'keep-alive, Upgrade'], ['Connection', 'cookie, authorization'],
  ['Keep-Alive', 'timeout=1'],
  ['X-Forwarded-For', 'unknown'], ['X-Forwarded-For', '::1, , 1.2.3.4,'], ['X-Forwarded-For', '::ffff:1.2.3.4'],
  ['X-Forwarded-For', 'fe80::1%eth0'], ['X-Forwarded-For', '1'.repeat(3000)], ['X-Forwarded-For', ','.repeat(2000)],
  ['X-Forwarded-Host', 'evil.example'], ['X-Forwarded-Proto', 'https'], ['Forwarded', 'for=evil;host=evil.example'],
  ['X-Original-URL', '/admin/v1/clients'], ['X-HTTP-Method-Override', 'DELETE'],
  ['Accept-Language', 'fr;q=x,de;q=1e9,*;q=-1'], ['Accept-Language', '__proto__'],
  ['Accept-Language', 'constructor, toString'], ['Accept-Language', 'de-'.repeat(1000)],
  ['Accept-Language', 'fr,'.repeat(2000)],
  ['Accept', 'image/webp'], ['Accept', '*/*;q=0'], ['Accept-Encoding', 'gzip;q=0, br'], ['Range', 'bytes=0-1'],
  ['If-Match', '*'], ['If-Match', '"1"'], ['If-Match', 'W/"1"'], ['If-Match', ','.repeat(3000)], ['If-Match', '"'],
  ['If-None-Match', '*'], ['If-None-Match', '"1"'], ['If-Modified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['If-Modified-Since', 'yesterday'], ['Origin', 'https://evil.example'], ['Origin', 'null'],
  ['Sec-Fetch-Site', 'cross-site'],
  ['Access-Control-Request-Method', 'PUT'], ['Referer', 'https://evil.example/'], ['User-Agent', MARK],
  ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ['traceparent', '00-00000000000000000000000000000000-0-0'],
  ['traceparent', 'ff-x'], ['tracestate', '='], ['baggage', 'a=%zz'], ['DPoP', 'eyJ9'], ['Transfer-Encoding', 'identity'],
  ['TE', 'trailers'], ['Trailer', 'Authorization'], ['Max-Forwards', '0'], ['X-Empty', ''], ['X-Large', 'a'.repeat(9000)],
];
