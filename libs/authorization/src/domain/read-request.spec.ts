import fc from 'fast-check';
import { OAuthError } from '#kernel/errors.js';
import { aRegisteredClient } from '#test/domain-fixtures.js';
import type { AuthorizationRequest } from './read-request.js';
import { LIMITS, readRequest, responseModeForErrors } from './read-request.js';

const TARGET = { redirectUri: 'https://client.example/callback', redirectUriSent: true };
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

type Metadata = Parameters<typeof aRegisteredClient>[0];

function read(sent: Readonly<Record<string, string>>, metadata: Metadata = {}, repeated: readonly string[] = []) {
  const all = Object.entries({ response_type: 'code', ...sent });
  const values = new Map(all.filter(([name, value]) => value !== '' && !repeated.includes(name)));
  return readRequest({ values, repeated, client: aRegisteredClient(metadata) }, TARGET, undefined);
}

function request(sent: Readonly<Record<string, string>>, metadata: Metadata = {}): AuthorizationRequest {
  const result = read(sent, metadata);
  if (result instanceof OAuthError) throw result;
  return result;
}

function refusal(sent: Readonly<Record<string, string>>, metadata: Metadata = {}, repeated: readonly string[] = []): string {
  const result = read(sent, metadata, repeated);
  return result instanceof OAuthError ? `${result.code}: ${result.description}` : 'none';
}

describe('an authorization request', () => {
  it('has the values that were sent', () => {
    const sent = {
      scope: 'openid email', state: 'a+b %20', nonce: 'n', response_mode: 'fragment',
      code_challenge: CHALLENGE, code_challenge_method: 'S256',
      prompt: 'consent login', max_age: '0', claims: '{"id_token":{"email":null}}', login_hint: 'alice', ui_locales: 'de  en',
    };
    expect(request(sent)).toEqual({
      ...TARGET,
      clientId: 'www',
      scope: ['openid', 'email'],
      state: 'a+b %20',
      nonce: 'n',
      responseMode: 'fragment',
      codeChallenge: { challenge: CHALLENGE, method: 'S256' },
      prompts: ['login', 'consent'],
      maxAge: 0,
      claims: { id_token: { email: null } },
      loginHint: 'alice',
      uiLocales: ['de', 'en'],
      hintedSub: undefined,
    });
  });

  it('A9, A11: needs only response_type, and unknown parameters are ignored', () => {
    expect(request({ unknown: 'x', __proto__: 'y' })).toMatchObject({ scope: [], state: undefined, responseMode: 'query', prompts: [] });
  });

  it('A9: without scope has the default scopes of the client', () => {
    expect(request({}, { default_scope: 'profile email' }).scope).toEqual(['profile', 'email']);
    expect(request({ scope: 'openid' }, { default_scope: 'profile email' }).scope).toEqual(['openid']);
  });

  it('A13: without max_age has the default_max_age of the client', () => {
    expect(request({}).maxAge).toBeUndefined();
    expect(request({}, { default_max_age: 60 }).maxAge).toBe(60);
    expect(request({ max_age: '5' }, { default_max_age: 60 }).maxAge).toBe(5);
  });

  it('A20: may use plain, which is the default, only if the client allows it', () => {
    const both: Metadata = { code_challenge_methods: ['S256', 'plain'] };
    expect(request({ code_challenge: CHALLENGE }, both).codeChallenge?.method).toBe('plain');
    expect(request({ code_challenge: CHALLENGE, code_challenge_method: 'plain' }, both).codeChallenge?.method).toBe('plain');
    expect(refusal({ code_challenge: CHALLENGE })).toMatch(/^invalid_request: code_challenge_method/);
    const s256 = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
    expect(refusal(s256, { code_challenge_methods: ['plain'] })).toMatch(/^invalid_request/);
  });

  it('A20: must have a challenge for public clients and with require_pkce', () => {
    expect(refusal({}, { token_endpoint_auth_method: 'none' })).toMatch(/^invalid_request: code_challenge is required/);
    expect(refusal({}, { require_pkce: true })).toMatch(/^invalid_request: code_challenge is required/);
    expect(refusal({}, {})).toBe('none');
  });
});

describe('an authorization request is refused', () => {
  it.each<[why: string, expected: string, sent: Readonly<Record<string, string>>, metadata?: Metadata]>([
    ['A1: no response_type', 'invalid_request: response_type is required', { response_type: '' }],
    ['A1: an implicit response_type', 'unsupported_response_type', { response_type: 'token' }],
    ['A1: a hybrid response_type', 'unsupported_response_type', { response_type: 'code id_token' }],
    ['A1: response_type in capitals', 'unsupported_response_type', { response_type: 'CODE' }],
    ['A19: an unknown response_mode', 'invalid_request: response_mode', { response_mode: 'web_message' }],
    ['R3: a client without the grant type authorization_code', 'unauthorized_client', {}, { grant_types: ['client_credentials'] }],
    ['R9: a scope that the client does not have', 'invalid_scope', { scope: 'openid admin' }],
    ['R9: a scope with two spaces', 'invalid_scope: scope is malformed', { scope: 'openid  email' }],
    ['R9: a scope with a quote', 'invalid_scope: scope is malformed', { scope: 'openid "' }],
    ['A20: a challenge that is too short', 'invalid_request: code_challenge must', {
      code_challenge: 'a'.repeat(42), code_challenge_method: 'S256',
    }],
    ['A20: an unknown method', 'invalid_request: code_challenge_method', { code_challenge: CHALLENGE, code_challenge_method: 's256' }],
    ['A20: a method without a challenge', 'invalid_request: code_challenge_method', { code_challenge_method: 'S256' }],
    ['A13: an unknown prompt', 'invalid_request: prompt', { prompt: 'login now' }],
    ['A13: prompt none with another value', 'invalid_request: prompt none stands alone', { prompt: 'none login' }],
    ['A13: a negative max_age', 'invalid_request: max_age', { max_age: '-1' }],
    ['A13: a max_age with a fraction', 'invalid_request: max_age', { max_age: '1.5' }],
    ['A13: a max_age in words', 'invalid_request: max_age', { max_age: 'soon' }],
    ['A21: a request object', 'request_not_supported', { request: 'e30.e30.' }],
    ['A21: a request_uri', 'request_uri_not_supported', { request_uri: 'urn:x' }],
    ['A22: claims that are not JSON', 'invalid_request: claims', { claims: '{' }],
    ['A22: claims that are not an object', 'invalid_request: claims', { claims: '[]' }],
  ])('%s: %s', (...[, expected, sent, metadata]) => {
    expect(refusal(sent, metadata)).toContain(expected);
  });

  it('A11: if a parameter was sent twice, known or not, before any other check', () => {
    expect(refusal({ response_type: 'token' }, {}, ['state'])).toBe('invalid_request: state was sent more than once.');
    expect(refusal({}, {}, ['__proto__'])).toBe('invalid_request: __proto__ was sent more than once.');
    expect(refusal({}, {}, ['a"\\\n<b>'])).toBe('invalid_request: A parameter was sent more than once.');
  });

  it.each(Object.entries(LIMITS))('A22: if %s has more than %d characters', (name, limit) => {
    const json = name === 'claims' ? '{}' : 'x';
    expect(refusal({ [name]: json.padEnd(limit) })).toBe('none');
    expect(refusal({ [name]: json.padEnd(limit + 1) })).toBe(`invalid_request: ${name} has more than ${String(limit)} characters.`);
  });

  it('in the order of the checks', () => {
    const wrong = {
      nonce: 'x'.repeat(1025), request: 'x', response_type: 'token', response_mode: 'x', scope: 'admin', code_challenge: 'x',
      prompt: 'x', max_age: 'x', claims: 'x',
    };
    const metadata: Metadata = { grant_types: ['client_credentials'] };
    const corrections: [Readonly<Record<string, string>>, Metadata?][] = [
      [{ nonce: '' }], [{ request: '' }], [{}, { grant_types: ['authorization_code'] }], [{ response_type: 'code' }],
      [{ response_mode: '' }], [{ scope: '' }], [{ code_challenge: '' }], [{ prompt: '' }], [{ max_age: '' }], [{ claims: '' }],
    ];
    let [sent, client]: [Record<string, string>, Metadata] = [wrong, metadata];
    const results = [refusal(sent, client, ['x']), refusal(sent, client)];
    for (const [parameters, change] of corrections) {
      [sent, client] = [{ ...sent, ...parameters }, { ...client, ...change }];
      results.push(refusal(sent, client));
    }
    expect(results.map((text) => text.replace(/^(\w+(?:: \w+)?).*$/, '$1'))).toEqual([
      'invalid_request: x', 'invalid_request: nonce', 'request_not_supported: Request', 'unauthorized_client: The',
      'unsupported_response_type: response_type',
      'invalid_request: response_mode', 'invalid_scope: The', 'invalid_request: code_challenge_method', 'invalid_request: prompt',
      'invalid_request: max_age', 'invalid_request: claims', 'none',
    ]);
  });

  it('RFC 6749 §4.1.2.1: always with a description of valid characters, and without throwing', () => {
    const names = 'response_type response_mode scope code_challenge code_challenge_method prompt max_age claims request'.split(' ');
    const likely = fc.constantFrom('code', 'S256', CHALLENGE, 'openid', 'none', '{}', '0');
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), likely);
    const values = fc.dictionary(fc.constantFrom(...names), text, { noNullPrototype: true });
    const repeated = fc.array(fc.string({ unit: 'binary' }), { maxLength: 1 });
    fc.assert(
      fc.property(values, repeated, (sent, twice) => {
        const result = read(sent, { require_pkce: true }, twice);
        if (result instanceof OAuthError) expect(result.description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('A19: an error is returned', () => {
  it('in the requested response_mode, or in the query if that is unknown or sent twice', () => {
    const mode = (requested: string, repeated: readonly string[] = []) =>
      responseModeForErrors({ values: new Map([['response_mode', requested]]), repeated });
    expect([mode('fragment'), mode('form_post'), mode('query'), mode('jwt'), mode('fragment', ['response_mode'])]).toEqual([
      'fragment', 'form_post', 'query', 'query', 'query',
    ]);
    expect(responseModeForErrors({ values: new Map(), repeated: [] })).toBe('query');
  });
});
