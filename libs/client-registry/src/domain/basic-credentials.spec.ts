import fc from 'fast-check';
import { parseBasicCredentials } from './basic-credentials.js';

const base64 = (value: string | Uint8Array) => Buffer.from(value as string).toString('base64');

/** application/x-www-form-urlencoded of one value, by the platform (RFC 6749 Appendix B). */
const formEncode = (value: string) => new URLSearchParams([['', value]]).toString().slice(1);

function revealed(header: string): unknown {
  const credentials = parseBasicCredentials(header);
  return credentials === 'malformed' ? credentials : [credentials.clientId, credentials.clientSecret.reveal()];
}

describe('T8: Basic credentials', () => {
  it('are read as in the example of RFC 6749 §2.3.1', () => {
    expect(revealed('Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3')).toEqual(['s6BhdRkqt3', '7Fjfp0ZBr1KtDRbnfVdmIw']);
  });

  it.each(['Basic', 'basic', 'BASIC', 'bAsIc '])('name their scheme in any case: %j', (scheme) => {
    expect(revealed(`${scheme} ${base64('www:pw')}`)).toEqual(['www', 'pw']);
  });

  it.each([
    ['a%3Ab:c', ['a:b', 'c']],
    ['www:a:b:', ['www', 'a:b:']],
    ['www:', ['www', '']],
    ['w+w:p+w', ['w w', 'p w']],
    ['www:%C3%BC%E2%82%AC', ['www', 'ü€']],
    ['www:ü€', ['www', 'ü€']],
    ['www:a%2Bb', ['www', 'a+b']],
  ])('are split at the first colon and then form-decoded: %j', (pair, expected) => {
    expect(revealed(`Basic ${base64(pair)}`)).toEqual(expected);
  });

  it.each([
    ['', 'nothing'],
    ['Basic', 'no credentials'],
    ['Basic ', 'empty credentials'],
    [base64('www:pw'), 'no scheme'],
    [`Basic${base64('www:pw')}`, 'no space'],
    [`Basic\t${base64('www:pw')}`, 'a tab for a space'],
    [`Bearer ${base64('www:pw')}`, 'another scheme'],
    [`Basic ${base64('www:pw')} `, 'a trailing space'],
    [`Basic ${base64('www:pw')}\n`, 'a trailing line feed'],
    [`Basic ${base64('www:pw')}, Bearer x`, 'two credentials'],
    ['Basic d3d3OnB3!', 'a character that is not base64'],
    ['Basic d3d3OnA', 'missing padding'],
    ['Basic d3d3OnB3====', 'padding too much'],
    ['Basic d3d3OnB=', 'bits set where there must be none'],
    ['Basic d3d3Ov_-', 'the URL alphabet'],
    [`Basic ${base64('www')}`, 'no colon'],
    [`Basic ${base64(':pw')}`, 'no client id'],
    [`Basic ${base64('www:p%w')}`, 'a broken escape'],
    [`Basic ${base64('w%4:pw')}`, 'a broken escape in the id'],
    [`Basic ${base64('www:%ff')}`, 'an escape that is not UTF-8'],
    [`Basic ${base64(Uint8Array.of(0x77, 0x3a, 0xff))}`, 'bytes that are not UTF-8'],
    [`Basic ${base64('www:p\0w')}`, 'a NUL'],
    [`Basic ${base64('w%00:pw')}`, 'an escaped NUL'],
  ])('are malformed: %j has %s', (header) => {
    expect(parseBasicCredentials(header)).toBe('malformed');
  });

  it('do not show the secret when printed', () => {
    expect(JSON.stringify(parseBasicCredentials(`Basic ${base64('www:hunter2')}`))).toBe(
      '{"clientId":"www","clientSecret":"[secret]"}',
    );
  });

  const text = (minLength: number) =>
    fc.string({ unit: 'binary', minLength, maxLength: 80 }).filter((value) => !value.includes('\0'));

  it('come back as they were, for every id and secret encoded by §2.3.1', () => {
    fc.assert(
      fc.property(text(1), text(0), (id, secret) => {
        expect(revealed(`Basic ${base64(`${formEncode(id)}:${formEncode(secret)}`)}`)).toEqual([id, secret]);
      }),
    );
  });

  it('have one spelling: no other base64 gives the same bytes', () => {
    fc.assert(
      fc.property(text(1), fc.nat(), fc.constantFrom('=', ' ', '\n', '-', '_', '.', 'A'), (secret, position, inserted) => {
        const encoded = base64(`www:${formEncode(secret)}`);
        // Not before the first character: any number of spaces may stand there (RFC 7235 §2.1).
        const at = 1 + (position % encoded.length);
        const changed = encoded.slice(0, at) + inserted + encoded.slice(at);
        expect(revealed(`Basic ${changed}`)).not.toEqual(['www', secret]);
      }),
    );
  });

  it('never throw, whatever the header or the bytes in it', () => {
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((rest) => `Basic ${rest}`),
      fc.uint8Array().map((bytes) => `Basic ${base64(bytes)}`),
      fc.string({ unit: fc.constantFrom('%', '0', 'f', ':', '+', 'é', '\0') }).map((pair) => `Basic ${base64(pair)}`),
    );
    fc.assert(
      fc.property(header, (value) => {
        const credentials = parseBasicCredentials(value);
        if (credentials === 'malformed') return;
        expect(credentials.clientId).not.toBe('');
        expect(credentials.clientId + credentials.clientSecret.reveal()).not.toContain('\0');
      }),
      { numRuns: 1000 },
    );
  });

  it('are refused in linear time', () => {
    const start = performance.now();
    expect(parseBasicCredentials(`Basic${' '.repeat(500_000)}${'A'.repeat(500_000)}!`)).toBe('malformed');
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
