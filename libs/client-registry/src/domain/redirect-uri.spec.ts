import fc from 'fast-check';
import { matchesRedirectUri, MAX_REDIRECT_URI_LENGTH, redirectUriProblem } from './redirect-uri.js';

const LOOPBACK = ['http://127.0.0.1', 'http://[::1]'] as const;
const rest = fc.constantFrom('', '/', '/cb', '/cb?a=1&b=%20', '?a=1', '/a/../cb', '//cb', '/@evil.com', '/:99');
const port = fc.integer({ min: 1, max: 65_535 });
const optionalPort = fc.option(port, { nil: undefined }).map((number) => (number === undefined ? '' : `:${String(number)}`));
const registrable = fc.oneof(
  fc.constantFrom('https://client.example/cb', 'https://client.example', 'com.example.app:/cb', 'http://localhost:3000/cb'),
  fc.tuple(fc.constantFrom(...LOOPBACK), optionalPort, rest).map((parts) => parts.join('')),
  fc.tuple(fc.webUrl({ validSchemes: ['https'], withQueryParameters: true })).map(([uri]) => uri),
);

describe('R4, R5: a client may register', () => {
  it.each([
    'https://client.example/cb',
    'https://client.example',
    'https://client.example:8443/cb?tenant=1&x=%2F',
    'https://192.0.2.1/cb',
    'https://[2001:db8::1]:8443/cb',
    'https://localhost/cb',
    'https://xn--bcher-kva.example/cb',
    'https://client.example/cb/*?x=*',
    'https://client.example/~user/(a)/@me',
    "https://client.example/a;b,c'd?e=;f,g'h",
    'http://localhost/cb',
    'http://localhost:3000/cb',
    'http://127.0.0.1/cb',
    'http://127.0.0.1:49152/cb',
    'http://[::1]/cb',
    'http://[::1]:49152',
    'com.example.app:/oauth2redirect',
    'com.example.app://callback',
    'com.example.app:/cb?x=1',
  ])('%s', (uri) => {
    expect(redirectUriProblem(uri)).toBeUndefined();
  });
});

describe('R4, R5: a client may not register', () => {
  it.each([
    ['', 'absolute'],
    ['/cb', 'absolute'],
    ['//client.example/cb', 'absolute'],
    ['client.example/cb', 'absolute'],
    ['https:', 'host'],
    ['https:client.example', 'host'],
    ['https:/client.example', 'host'],
    ['https:///client.example', 'host'],
    ['https://:443/cb', 'plain host'],
    ['https://client.example/cb#', 'fragment'],
    ['https://client.example/cb#x', 'fragment'],
    ['https://user@client.example/cb', 'user name'],
    ['https://@client.example/cb', 'user name'],
    ['https://user:pw@client.example/cb', 'user name'],
    ['com.example.app://user@host/cb', 'user name'],
    ['https://client.example /cb', 'ASCII'],
    [' https://client.example/cb', 'ASCII'],
    ['https://client.example/cb\n', 'ASCII'],
    ['https://client.example/\tcb', 'ASCII'],
    ['https://client.example/\0cb', 'ASCII'],
    ['https://bücher.example/cb', 'ASCII'],
    ['https://client.example\\@evil.com/cb', 'ASCII'],
    ['https://client.example/"<script>', 'ASCII'],
    ['https://client.example/%', 'ASCII'],
    ['https://client.example/%zz', 'ASCII'],
    ['https://cl%69ent.example/cb', 'plain host'],
    ['https://client.example:port/cb', 'plain host'],
    ['https://client.example:/cb', 'plain host'],
    ['https://client.example:99999/cb', 'valid'],
    ['https://[::g]/cb', 'plain host'],
    ['https://[:::]/cb', 'valid'],
    ['https://client.example;script-src/cb', 'plain host'],
    ['https://client.example,evil.com/cb', 'plain host'],
    ["https://'self'/cb", 'plain host'],
    ["com.example.app://'none';x/cb", 'plain host'],
    ['https://*.client.example/cb', 'wildcard'],
    ['https://*/cb', 'wildcard'],
    ['com.example.app://*/cb', 'wildcard'],
    ['http://client.example/cb', 'https'],
    ['http://localhost.evil.com/cb', 'https'],
    ['http://127.0.0.1.evil.com/cb', 'https'],
    ['http://127.0.0.2/cb', 'https'],
    ['http://127.1/cb', 'https'],
    ['http://2130706433/cb', 'https'],
    ['http://0x7f.0.0.1/cb', 'https'],
    ['http://[::ffff:127.0.0.1]/cb', 'https'],
    ['http://[0:0:0:0:0:0:0:1]/cb', 'https'],
    ['http://localhost./cb', 'https'],
    ['http://0.0.0.0/cb', 'https'],
    ['myapp:/cb', 'dot'],
    ['myapp://cb', 'dot'],
  ])('%j, for it %s', (uri, reason) => {
    expect(redirectUriProblem(uri)).toContain(reason);
  });

  const dangerous = ['javascript', 'JavaScript', 'data', 'file', 'vbscript', 'blob', 'about', 'view-source'];

  it.each([...dangerous, 'mailto', 'ftp', 'ws', 'intent'])('the scheme %s', (scheme) => {
    expect(redirectUriProblem(`${scheme}:alert(1)`)).toContain('dot');
    expect(redirectUriProblem(`${scheme}://client.example/cb`)).toContain('dot');
  });

  it('more than 2048 characters', () => {
    const uri = (length: number) => 'https://client.example/'.padEnd(length, 'a');
    expect(redirectUriProblem(uri(MAX_REDIRECT_URI_LENGTH))).toBeUndefined();
    expect(redirectUriProblem(uri(MAX_REDIRECT_URI_LENGTH + 1))).toContain('2048');
  });

  it('http to a host that a browser reads as another one', () => {
    const hosts = ['localhost', '127.0.0.1', '[::1]', 'evil.com'];
    const marks = ['https://', 'http://', '@', ':', '80', '/', '\\', '?', '#', '.', '%', '%2f', '\t'];
    const piece = fc.constantFrom(...hosts, ...marks);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }).map((pieces) => `http://${pieces.join('')}`), (uri) => {
        if (redirectUriProblem(uri) !== undefined) return;
        expect(['localhost', '127.0.0.1', '[::1]']).toContain(new URL(uri).hostname);
      }),
      { numRuns: 5000 },
    );
  });

  it('anything that a parser of URLs would not take, or would take for more than a place to return to', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string().map((tail) => `https://${tail}`)), (uri) => {
        if (redirectUriProblem(uri) === undefined) expect(new URL(uri).hash + new URL(uri).username).toBe('');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('A6: a requested redirect URI', () => {
  it.each([
    ['http://127.0.0.1/cb', 'http://127.0.0.1:49152/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1:49152/cb'],
    ['http://127.0.0.1:3000/cb', 'http://127.0.0.1/cb'],
    ['http://[::1]/cb', 'http://[::1]:1/cb'],
    ['http://[::1]:3000?x=1', 'http://[::1]:65535?x=1'],
    ['http://127.0.0.1', 'http://127.0.0.1:5000'],
  ])('may choose the port of a loopback address: %s, %s', (registered, requested) => {
    expect(matchesRedirectUri(registered, requested)).toBe(true);
  });

  it.each([
    ['http://localhost/cb', 'http://localhost:3000/cb'],
    ['http://localhost:3000/cb', 'http://localhost:3001/cb'],
    ['http://localhost/cb', 'http://127.0.0.1/cb'],
    ['http://127.0.0.1/cb', 'http://[::1]/cb'],
    ['http://127.0.0.1/cb', 'https://127.0.0.1:1234/cb'],
    ['https://127.0.0.1/cb', 'https://127.0.0.1:1234/cb'],
    ['https://client.example/cb', 'https://client.example:443/cb'],
    ['https://client.example/cb', 'https://client.example/cb/'],
    ['https://client.example/cb', 'https://client.example/cb?'],
    ['https://client.example/cb', 'https://CLIENT.example/cb'],
    ['https://client.example/cb/*', 'https://client.example/cb/x'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:80@evil.com/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1@evil.com/cb'],
    ['http://127.0.0.1', 'http://127.0.0.1:80@evil.com'],
    ['http://127.0.0.1', 'http://127.0.0.1.evil.com'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:1x/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:0/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:080/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:65536/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:99999/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:4294967376/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:-1/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:1:2/cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:80\\cb'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:80/CB'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:80/cb#x'],
    ['http://127.0.0.1/cb', 'http://127.0.0.1:80/cb\n'],
    ['http://127.0.0.1/cb', ' http://127.0.0.1:80/cb'],
    ['http://127.0.0.1/cb', 'HTTP://127.0.0.1:80/cb'],
    ['http://127.0.0.1/cb', 'http://127.1:80/cb'],
    ['http://127.0.0.1/cb', 'http:127.0.0.1:80/cb'],
    ['http://127.0.0.1/cb', 'http://user@127.0.0.1:80/cb'],
    ['http://[::1]/cb', 'http://[0::1]:80/cb'],
    ['http://127.0.0.1@evil.com/cb', 'http://127.0.0.1:80@evil.com/cb'],
    ['http://127.0.0.1.evil.com/cb', 'http://127.0.0.1:80.evil.com/cb'],
  ])('is not the registered %j when it is %j', (registered, requested) => {
    expect(matchesRedirectUri(registered, requested)).toBe(false);
  });

  it('matches itself, whatever was registered', () => {
    fc.assert(fc.property(fc.oneof(registrable, fc.string()), (uri) => {
      expect(matchesRedirectUri(uri, uri)).toBe(true);
    }));
  });

  it('matches a loopback address on every port and with the same rest only', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LOOPBACK), fc.tuple(optionalPort, optionalPort), rest, rest, (host, ports, path, other) => {
        const [ours, theirs] = ports;
        expect(matchesRedirectUri(host + ours + path, host + theirs + path)).toBe(true);
        if (path !== other) expect(matchesRedirectUri(host + ours + path, host + theirs + other)).toBe(false);
      }),
    );
  });

  it('does not match once anything but a loopback port is changed in it', () => {
    const marks = ['@', '.', '/', '\\', '?', '#', ':', '%', '\0', ' ', '\n', 'x', '1', 'é'];
    const change = fc.constantFrom(...marks, '@evil.com', '.evil.com', '%00');
    fc.assert(
      fc.property(registrable, fc.nat(), fc.nat(3), change, (registered, position, removed, inserted) => {
        const at = position % (registered.length + 1);
        const requested = registered.slice(0, at) + inserted + registered.slice(at + removed);
        if (!matchesRedirectUri(registered, requested)) return;
        const withoutPort = (uri: string) => uri.replace(/^(http:\/\/(?:127\.0\.0\.1|\[::1\])):[1-9]\d{0,4}(?=[/?]|$)/, '$1');
        expect(withoutPort(requested)).toBe(withoutPort(registered));
        if (requested !== registered) expect(new URL(requested).hostname).toBe(new URL(registered).hostname);
      }),
      { numRuns: 5000 },
    );
  });

  it('that matches what may be registered may be registered itself', () => {
    const middles = fc.string({ unit: fc.constantFrom(':', '@', '/', '0', '1', '9', 'x', '.') });
    fc.assert(
      fc.property(fc.constantFrom(...LOOPBACK), rest, middles, (host, path, middle) => {
        const requested = host + middle + path;
        if (matchesRedirectUri(host + path, requested)) expect(redirectUriProblem(requested)).toBeUndefined();
      }),
      { numRuns: 5000 },
    );
  });
});
