import { ADMINISTRATION } from '../admin/admin-resource.js';
import { FRONT_CHANNEL_ENDPOINT, OAUTH_ENDPOINT, PROTECTED_RESOURCE, PUBLIC_DOCUMENT } from '../oauth/endpoint-kinds.js';
import { PAGE } from '../pages/page.js';
import { KindsByPath } from './kinds-by-path.js';
import { OPERATOR_ENDPOINT } from './operator-endpoint.js';

const ALL = [ADMINISTRATION, FRONT_CHANNEL_ENDPOINT, OAUTH_ENDPOINT, OPERATOR_ENDPOINT, PAGE, PROTECTED_RESOURCE, PUBLIC_DOCUMENT];

describe('the kind that answers if no route fits', () => {
  it.each([
    ['/oauth/v2/oauth-authorize', FRONT_CHANNEL_ENDPOINT],
    ['/oauth/v2/oauth-authorize/x', FRONT_CHANNEL_ENDPOINT],
    ['/oauth/v2/oauth-session/end', FRONT_CHANNEL_ENDPOINT],
    ['/oauth/v2/oauth-token', OAUTH_ENDPOINT],
    ['/oauth/v2/jwks', OAUTH_ENDPOINT],
    ['/oauth', OAUTH_ENDPOINT],
    ['/oauthx', PAGE],
    ['/oauth/v2/oauth-userinfo', PROTECTED_RESOURCE],
    ['/oauth/v2/oauth-userinfo/x', OAUTH_ENDPOINT],
    ['/admin', ADMINISTRATION],
    ['/admin/v1/clients', ADMINISTRATION],
    ['/administrators', PAGE],
    ['/.well-known/openid-configuration', PUBLIC_DOCUMENT],
    ['/health/ready', OPERATOR_ENDPOINT],
    ['/metrics', OPERATOR_ENDPOINT],
    ['/login', PAGE],
    ['/', PAGE],
  ])('at %s is that of $name', (path, kind) => {
    expect(new KindsByPath(ALL).at(path)).toBe(kind);
  });

  it('is known once, however many endpoints are of it', () => {
    expect(() => new KindsByPath([...ALL, ...ALL])).not.toThrow();
  });

  it('must not be two kinds', () => {
    const other = { ...PAGE, name: 'other', answersFor: ['/admin/*'] };
    expect(() => new KindsByPath([...ALL, other])).toThrow(
      'The kinds “resource of the administration” and “other” both answer for /admin/*: only one may.',
    );
  });

  it('must be there for every path', () => {
    expect(() => new KindsByPath([ADMINISTRATION])).toThrow('No endpoint kind answers for all other paths: add * to answersFor of one.');
  });
});
