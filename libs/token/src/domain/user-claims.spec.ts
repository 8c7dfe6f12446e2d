import type { Account } from '#authentication/contracts.js';
import type { ClaimsRequest } from '#authorization/contracts.js';
import { USER_SCOPES } from './scopes.js';
import { idTokenClaims, USER_CLAIMS, userInfoClaims } from './user-claims.js';

const TIME = new Date('2026-01-02T03:04:05.678Z');
const ACCOUNT: Account = {
  sub: 'johndoe',
  username: 'JohnDoe',
  profile: {
    name: 'John Doe',
    website: 'https://john.example/',
    email: 'john@example.com',
    email_verified: false,
    address: { locality: 'Köln' },
    phone_number: '+49221123456',
  },
  locked: false,
  created_at: TIME,
  updated_at: TIME,
  version: 1,
};

const CLIENT = { scope: 'openid profile email address', require_consent: false };

/** The client, the scope and the claims parameter that decide which claims are released. */
function released(scope: readonly string[], asked?: ClaimsRequest) {
  return { client: CLIENT, scope, asked };
}

describe('the claims of userinfo', () => {
  it.each([
    [[], {}],
    [['openid'], {}],
    [['openid', 'offline_access', 'unknown'], {}],
    [['openid', 'email'], { email: 'john@example.com', email_verified: false }],
    [['openid', 'address'], { address: { locality: 'Köln' } }],
    [['phone'], { phone_number: '+49221123456' }],
    [['profile'], { name: 'John Doe', website: 'https://john.example/', preferred_username: 'JohnDoe', updated_at: 1_767_323_045 }],
  ])('of scope %j (OIDC Core §5.4)', (scope, claims) => {
    expect(userInfoClaims(ACCOUNT, released(scope))).toEqual({ sub: 'johndoe', ...claims });
  });

  it('include known claims that were requested by name (OIDC Core §5.5)', () => {
    const asked = { userinfo: { email: null, name: { essential: true }, nickname: null, unknown: null }, id_token: { website: null } };
    expect(userInfoClaims(ACCOUNT, released(['openid', 'address'], asked))).toEqual({
      sub: 'johndoe',
      email: 'john@example.com',
      name: 'John Doe',
      address: { locality: 'Köln' },
    });
  });

  it('requested by name are limited to the scopes of the client, and with require_consent to those of the token', () => {
    const asked = { userinfo: { email: null, phone_number: null }, id_token: { email: null, phone_number: null } };
    expect(userInfoClaims(ACCOUNT, released(['openid'], asked))).toEqual({ sub: 'johndoe', email: 'john@example.com' });
    const careful = { ...released(['openid'], asked), client: { ...CLIENT, require_consent: true } };
    expect(userInfoClaims(ACCOUNT, careful)).toEqual({ sub: 'johndoe' });
    expect(idTokenClaims(ACCOUNT, careful)).toEqual({});
    expect(idTokenClaims(ACCOUNT, { ...careful, scope: ['openid', 'email'] })).toEqual({ email: 'john@example.com' });
  });

  it('are never other properties of the account than its profile', () => {
    const names = ['locked', 'version', 'username', 'created_at', 'profile', 'constructor', 'toString', '__proto__', 'password_hash'];
    const asked = Object.fromEntries(names.map((name) => [name, null]));
    expect(userInfoClaims(ACCOUNT, released(['openid'], { userinfo: asked }))).toEqual({ sub: 'johndoe' });
    expect(idTokenClaims(ACCOUNT, released(['openid'], { id_token: asked }))).toEqual({});
  });

  it('have the sub of the account, whatever is requested or in the profile', () => {
    const profile = { ...ACCOUNT.profile, sub: 'another' } as Account['profile'];
    const asked = { userinfo: { sub: { value: 'another' } } };
    expect(userInfoClaims({ ...ACCOUNT, profile }, released(['openid'], asked))['sub']).toBe('johndoe');
  });

  it('have the preferred_username of the profile instead of the username', () => {
    const profile = { ...ACCOUNT.profile, preferred_username: 'Johnny' };
    expect(userInfoClaims({ ...ACCOUNT, profile }, released(['profile']))['preferred_username']).toBe('Johnny');
  });
});

describe('the claims of the ID token', () => {
  it('are those requested for it by name', () => {
    const asked = { id_token: { email: null, birthdate: { essential: true } }, userinfo: { name: null } };
    expect(idTokenClaims(ACCOUNT, released(['openid', 'profile'], asked))).toEqual({ email: 'john@example.com' });
    expect(idTokenClaims(ACCOUNT, released(['openid', 'profile']))).toEqual({});
  });
});

describe('the claims in discovery', () => {
  it('are those of the scopes, each once', () => {
    expect(new Set(USER_CLAIMS).size).toBe(USER_CLAIMS.length);
    expect(USER_CLAIMS).toEqual(USER_SCOPES.flatMap(({ claims }) => claims));
    expect(USER_CLAIMS).toEqual(expect.arrayContaining(['sub', 'name', 'email', 'address', 'phone_number']));
  });
});
