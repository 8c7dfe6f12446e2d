import fc from 'fast-check';
import { readClaimsRequest } from './claims-request.js';

describe('A22: the claims parameter', () => {
  it('requests claims of the ID token and of userinfo, with or without conditions', () => {
    const request = {
      id_token: { auth_time: { essential: true }, acr: { values: ['urn:a', 'urn:b'] }, sub: { value: '1' }, email: null },
      userinfo: { 'name#de': null, given_name: {} },
    };
    expect(readClaimsRequest(JSON.stringify(request))).toEqual(request);
  });

  it('is read without members that are not in OIDC Core §5.5', () => {
    const json = '{"id_token":{"email":null},"verified_claims":[1],"__proto__":{"userinfo":{}}}';
    expect(readClaimsRequest(json)).toEqual({ id_token: { email: null } });
    expect(readClaimsRequest('{}')).toEqual({});
    expect(readClaimsRequest('{"id_token":null}')).toEqual({});
  });

  it.each([
    '', 'null', '[]', '"x"', '1', '{', '{"id_token":[]}', '{"id_token":"email"}', '{"userinfo":{"email":true}}',
    '{"userinfo":{"email":[]}}',
    '{"id_token":{"email":{"essential":"yes"}}}', '{"id_token":{"acr":{"values":"urn:a"}}}',
  ])('is refused: %j', (json) => {
    expect(readClaimsRequest(json)).toBeUndefined();
  });

  it.each(['\\u0000', '\\ud800', '\\udc00\\ud800'])('is refused with the character %s, which Postgres cannot store', (character) => {
    expect(readClaimsRequest(`{"id_token":{"email":{"value":"${character}"}}}`)).toBeUndefined();
    expect(readClaimsRequest(`{"id_token":{"${character}":null}}`)).toBeUndefined();
    expect(readClaimsRequest(`{"id_token":{"email":{"values":[{"${character}":1}]}}}`)).toBeUndefined();
  });

  it('is refused if it is nested too deeply', () => {
    const nested = (depth: number) => `{"id_token":{"a":{"value":${'['.repeat(depth)}${']'.repeat(depth)}}}}`;
    expect(readClaimsRequest(nested(5))).toBeDefined();
    expect(readClaimsRequest(nested(4000))).toBeUndefined();
  });

  it('does not pollute the prototype', () => {
    const request = readClaimsRequest('{"id_token":{"__proto__":{"essential":true}}}');
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect((request?.id_token as { essential?: unknown } | undefined)?.essential).toBeUndefined();
  });

  it('never throws, and the result is the same after JSON', () => {
    const conditions = fc.record({ essential: fc.boolean(), values: fc.array(fc.jsonValue()) }, { requiredKeys: [] });
    const claim = fc.oneof(fc.constant(null), conditions, fc.jsonValue());
    const document = fc.record({ id_token: fc.dictionary(fc.string(), claim), userinfo: fc.jsonValue() }, { requiredKeys: [] });
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), document.map((value) => JSON.stringify(value)));
    fc.assert(
      fc.property(text, (json) => {
        const request = readClaimsRequest(json);
        if (request !== undefined) expect(readClaimsRequest(JSON.stringify(request))).toEqual(request);
      }),
      { numRuns: 1000 },
    );
  });
});
