import fc from 'fast-check';
import { locationOf } from './respond-to-step.js';

const parameters = [['code', 'a b+c'], ['state', 'ü&=#']] as const;
const encoded = 'code=a%20b%2Bc&state=%C3%BC%26%3D%23';

describe('the URL of the redirect to the client', () => {
  it.each([
    ['https://a.example/cb', `https://a.example/cb?${encoded}`],
    ['https://a.example/cb?x=%7e&y=+', `https://a.example/cb?x=%7e&y=+&${encoded}`],
    ['https://a.example/cb?', `https://a.example/cb?${encoded}`],
    ['https://a.example/cb?x=1&', `https://a.example/cb?x=1&${encoded}`],
    ['https://A.example:443', `https://A.example:443?${encoded}`],
    ['com.example.app:/cb', `com.example.app:/cb?${encoded}`],
  ])('keeps %s byte for byte and appends the parameters', (redirectUri, location) => {
    expect(locationOf({ redirectUri, responseMode: 'query', parameters })).toBe(location);
  });

  it('A19: has the parameters in the fragment for response_mode=fragment', () => {
    const location = locationOf({ redirectUri: 'https://a.example/cb?x=1', responseMode: 'fragment', parameters });
    expect(location).toBe(`https://a.example/cb?x=1#${encoded}`);
  });

  it('A8: is ASCII, and every value can be decoded from it unchanged', () => {
    const values = fc.array(fc.tuple(fc.constantFrom('code', 'state', 'iss'), fc.string({ unit: 'grapheme' })), { minLength: 1 });
    fc.assert(
      fc.property(values, (sent) => {
        const location = locationOf({ redirectUri: 'https://a.example/cb', responseMode: 'query', parameters: sent });
        expect([...new URL(location).searchParams]).toEqual(sent);
        expect(location).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });
});
