import { OAuthError } from '#kernel/errors.js';
import { aRegisteredClient } from '#test/domain-fixtures.js';
import { findRedirectTarget } from './redirect-target.js';

const ONE = 'https://client.example/callback';
const OTHER = 'https://client.example/other';
const asStrings = (registered: string, requested: string) => registered === requested;

type Metadata = Parameters<typeof aRegisteredClient>[0];

function find(sent: Readonly<Record<string, string>>, metadata: Metadata = {}, repeated: readonly string[] = []) {
  const found = findRedirectTarget(new Map(Object.entries(sent)), repeated, aRegisteredClient(metadata), asStrings);
  return found instanceof OAuthError ? found.description : found;
}

describe('where the answer goes', () => {
  it('A6: to the redirect URI that was sent, where it is a registered one', () => {
    const two = { redirect_uris: [ONE, OTHER] };
    expect(find({ redirect_uri: OTHER, scope: 'openid' }, two)).toEqual({ redirectUri: OTHER, redirectUriSent: true });
    expect(find({ redirect_uri: `${ONE}/` }, two)).toMatch(/not one that the client registered/);
    expect(find({ redirect_uri: ONE }, { redirect_uris: [] })).toMatch(/not one that the client registered/);
  });

  it('A6: to it as it was sent, where the rule lets it differ from the registered one', () => {
    const anyPort = (registered: string, requested: string) => requested.startsWith(registered);
    const client = aRegisteredClient({ redirect_uris: ['http://127.0.0.1'] });
    const found = findRedirectTarget(new Map([['redirect_uri', 'http://127.0.0.1:49152']]), [], client, anyPort);
    expect(found).toEqual({ redirectUri: 'http://127.0.0.1:49152', redirectUriSent: true });
  });

  it('A4: to the only one, where none was sent', () => {
    expect(find({})).toEqual({ redirectUri: ONE, redirectUriSent: false });
    expect(find({ scope: 'profile' })).toEqual({ redirectUri: ONE, redirectUriSent: false });
  });

  it('A5: nowhere, where none was sent and the client has several or none', () => {
    expect(find({}, { redirect_uris: [ONE, OTHER] })).toMatch(/registered more than one/);
    expect(find({}, { redirect_uris: [] })).toMatch(/has no redirect URI/);
  });

  it('A7: nowhere, where none was sent with openid, asked for or by default', () => {
    expect(find({ scope: 'profile openid' })).toBe('redirect_uri is required with scope openid.');
    expect(find({}, { default_scope: 'openid' })).toBe('redirect_uri is required with scope openid.');
    expect(find({ scope: 'profile' }, { default_scope: 'openid' })).toEqual({ redirectUri: ONE, redirectUriSent: false });
    expect(find({ scope: 'openid2 xopenid' })).toEqual({ redirectUri: ONE, redirectUriSent: false });
  });

  it('A11: nowhere, where it was sent twice', () => {
    expect(find({}, {}, ['redirect_uri'])).toBe('redirect_uri was sent more than once.');
  });

  it('keeps what was sent out of the public description', () => {
    const found = findRedirectTarget(new Map([['redirect_uri', '<script>']]), [], aRegisteredClient(), asStrings);
    expect(found).toMatchObject({ code: 'invalid_request', description: expect.not.stringContaining('script') });
  });

  it.each([
    ['https://client.example/wrong?code=c0de#t0ken', 'sent: https://client.example/wrong'],
    ['com.example.app:/wrong', 'sent: com.example.app:/wrong'],
    ['a-c0de-under-the-wrong-name', 'sent: no URI'],
  ])('tells the administrator of %s no more than the address', (sent, detail) => {
    expect(findRedirectTarget(new Map([['redirect_uri', sent]]), [], aRegisteredClient(), asStrings)).toMatchObject({ detail });
  });
});
