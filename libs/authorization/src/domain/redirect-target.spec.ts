import { OAuthError } from '#kernel/errors.js';
import { aRegisteredClient } from '#test/domain-fixtures.js';
import { findRedirectTarget } from './redirect-target.js';

const ONE = 'https://client.example/callback';
const OTHER = 'https://client.example/other';
const asStrings = (registered: string, requested: string) => registered === requested;

type Metadata = Parameters<typeof aRegisteredClient>[0];

function find(sent: Readonly<Record<string, string>>, metadata: Metadata = {}, repeated: readonly string[] = []) {
  const values = new Map(Object.entries(sent));
  const found = findRedirectTarget({ values, repeated, client: aRegisteredClient(metadata), matches: asStrings });
  return found instanceof OAuthError ? found.description : found;
}

describe('the redirect target', () => {
  it('A6: is the redirect URI that was sent, if it is registered', () => {
    const two = { redirect_uris: [ONE, OTHER] };
    expect(find({ redirect_uri: OTHER, scope: 'openid' }, two)).toEqual({ redirectUri: OTHER, redirectUriSent: true });
    expect(find({ redirect_uri: `${ONE}/` }, two)).toMatch(/not one that the client registered/);
    expect(find({ redirect_uri: ONE }, { redirect_uris: [] })).toMatch(/not one that the client registered/);
  });

  it('A6: is the redirect URI as it was sent, if the rule allows a difference from the registered one', () => {
    const anyPort = (registered: string, requested: string) => requested.startsWith(registered);
    const client = aRegisteredClient({ redirect_uris: ['http://127.0.0.1'] });
    const found = findRedirectTarget({ values: new Map([['redirect_uri', 'http://127.0.0.1:49152']]), repeated: [], client, matches: anyPort });
    expect(found).toEqual({ redirectUri: 'http://127.0.0.1:49152', redirectUriSent: true });
  });

  it('A4: is the only registered redirect URI if none was sent', () => {
    expect(find({})).toEqual({ redirectUri: ONE, redirectUriSent: false });
    expect(find({ scope: 'profile' })).toEqual({ redirectUri: ONE, redirectUriSent: false });
  });

  it('A5: is an error if none was sent and the client has several or none', () => {
    expect(find({}, { redirect_uris: [ONE, OTHER] })).toMatch(/registered more than one/);
    expect(find({}, { redirect_uris: [] })).toMatch(/has no redirect URI/);
  });

  it('A7: is an error if none was sent with openid, requested or by default', () => {
    expect(find({ scope: 'profile openid' })).toBe('redirect_uri is required with scope openid.');
    expect(find({}, { default_scope: 'openid' })).toBe('redirect_uri is required with scope openid.');
    expect(find({ scope: 'profile' }, { default_scope: 'openid' })).toEqual({ redirectUri: ONE, redirectUriSent: false });
    expect(find({ scope: 'openid2 xopenid' })).toEqual({ redirectUri: ONE, redirectUriSent: false });
  });

  it('A11: is an error if redirect_uri was sent twice', () => {
    expect(find({}, {}, ['redirect_uri'])).toBe('redirect_uri was sent more than once.');
  });

  it('has an error whose public description does not contain the sent value', () => {
    const values = new Map([['redirect_uri', '<script>']]);
    const found = findRedirectTarget({ values, repeated: [], client: aRegisteredClient(), matches: asStrings });
    expect(found).toMatchObject({ code: 'invalid_request', description: expect.not.stringContaining('script') });
  });

  it.each([
    ['https://client.example/wrong?code=c0de#t0ken', 'sent: https://client.example/wrong'],
    ['com.example.app:/wrong', 'sent: com.example.app:/wrong'],
    ['a-c0de-under-the-wrong-name', 'sent: no URI'],
  ])('has an error whose private detail contains only the address of %s', (sent, detail) => {
    const facts = { values: new Map([['redirect_uri', sent]]), repeated: [], client: aRegisteredClient(), matches: asStrings };
    expect(findRedirectTarget(facts)).toMatchObject({ detail });
  });
});
