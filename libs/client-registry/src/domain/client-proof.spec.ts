import { OAuthError } from '#kernel/errors.js';
import { Secret } from '#kernel/secrets.js';
import { type ClientMetadata, withDefaults } from './client-metadata.js';
import { type ClientClaim, readClaim, verifyClaim } from './client-proof.js';

const now = new Date('2026-01-02T03:04:05Z');
const secret = new Secret('the right secret');
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
const nothing = { authorization: undefined, clientId: undefined, clientSecret: undefined };

function read(presented: Partial<Parameters<typeof readClaim>[0]>, mode: 'lenient' | 'strict' = 'lenient'): unknown {
  const claim = readClaim({ ...nothing, ...presented }, mode);
  return claim instanceof OAuthError ? claim.code : [claim.clientId, claim.secret?.reveal(), claim.method];
}

describe('the claim of a client', () => {
  it('T8, T9: is read from the header, from the body, or is an ID alone', () => {
    expect(read({ authorization: basic('www:a%3Ab') })).toEqual(['www', 'a:b', 'client_secret_basic']);
    expect(read({ clientId: 'www', clientSecret: secret })).toEqual(['www', 'the right secret', 'client_secret_post']);
    expect(read({ clientId: 'www' })).toEqual(['www', undefined, 'none']);
    expect(read({ authorization: basic('www:a'), clientId: 'www' })).toEqual(['www', 'a', 'client_secret_basic']);
  });

  it('T10: may stand in both places where it is the same', () => {
    expect(read({ authorization: basic('www:a'), clientId: 'www', clientSecret: new Secret('a') })).toEqual(['www', 'a', 'twice']);
    expect(read({ authorization: basic('www:a'), clientSecret: new Secret('a') })).toEqual(['www', 'a', 'twice']);
  });

  it('T10: is refused where the two places differ', () => {
    expect(read({ authorization: basic('www:a'), clientId: 'www', clientSecret: new Secret('b') })).toBe('invalid_client');
    expect(read({ authorization: basic('www:a'), clientId: 'xxx', clientSecret: new Secret('a') })).toBe('invalid_client');
    expect(read({ authorization: basic('www:a'), clientId: 'xxx' })).toBe('invalid_client');
  });

  it('T10: strict refuses two proofs with invalid_request, and an ID beside the header is none', () => {
    expect(read({ authorization: basic('www:a'), clientId: 'www', clientSecret: new Secret('a') }, 'strict')).toBe('invalid_request');
    expect(read({ authorization: basic('www:a'), clientId: 'www' }, 'strict')).toEqual(['www', 'a', 'client_secret_basic']);
  });

  const bearer = { authorization: 'Bearer x' };
  it.each([{}, { clientSecret: secret }, bearer, { authorization: 'Basic !' }, { ...bearer, clientId: 'www' }])(
    'T8, T12: is refused with invalid_client: %j',
    (presented) => {
      expect(read(presented)).toBe('invalid_client');
    },
  );
});

describe('the proof of a client', () => {
  const stored = (expires_at: Date | null = null, value = secret) => ({ id: value.reveal(), hash: value.hash(), expires_at });
  const claim = (method: ClientClaim['method'], value: Secret | undefined = secret): ClientClaim =>
    ({ clientId: 'www', secret: value, method });

  function verdict(asked: ClientClaim, metadata: Partial<ClientMetadata> = {}, secrets = [stored()]): string {
    const found = verifyClaim(asked, { client: withDefaults(metadata), secrets }, now);
    return found.proven ? `proven by ${found.secretId ?? 'nothing'}` : found.reason;
  }

  it.each([
    ['client_secret_basic', 'client_secret_basic', 'proven by the right secret'],
    ['client_secret_post', 'client_secret_post', 'proven by the right secret'],
    ['twice', 'client_secret_basic', 'proven by the right secret'],
    ['twice', 'client_secret_post', 'proven by the right secret'],
    ['client_secret_basic', 'client_secret_post', 'wrong-method'],
    ['client_secret_post', 'client_secret_basic', 'wrong-method'],
    ['client_secret_basic', 'none', 'wrong-method'],
    ['client_secret_post', 'none', 'wrong-method'],
    ['twice', 'none', 'wrong-method'],
  ] as const)('R6, T10: by %s of a client with %s is %s', (method, registered, expected) => {
    expect(verdict(claim(method), { token_endpoint_auth_method: registered })).toBe(expected);
  });

  it('R2: by an ID alone holds for a public client only', () => {
    const alone = { clientId: 'www', secret: undefined, method: 'none' } as const;
    expect(verdict(alone, { token_endpoint_auth_method: 'none' }, [])).toBe('proven by nothing');
    expect(verdict(alone)).toBe('wrong-method');
  });

  it('T7: fails with a wrong secret, none at all, or for a client that nobody knows', () => {
    expect(verdict(claim('client_secret_basic', new Secret('wrong')))).toBe('wrong-secret');
    expect(verdict(claim('client_secret_basic', new Secret('')))).toBe('wrong-secret');
    expect(verdict(claim('client_secret_basic'), {}, [])).toBe('wrong-secret');
    expect(verifyClaim(claim('client_secret_basic'), undefined, now)).toEqual({ proven: false, reason: 'unknown-client' });
    expect(verifyClaim(claim('none', undefined), undefined, now)).toEqual({ proven: false, reason: 'unknown-client' });
  });

  it('R7: takes any of several secrets, until each expires', () => {
    const secrets = [stored(null, new Secret('the other secret')), stored(new Date(now.getTime() + 1))];
    expect(verdict(claim('client_secret_basic'), {}, secrets)).toBe('proven by the right secret');
    expect(verdict(claim('client_secret_basic'), {}, [stored(now)])).toBe('expired-secret');
  });

  it('fails for a disabled client, whose right secret is still not told from a wrong one to the outside', () => {
    expect(verdict(claim('client_secret_basic'), { enabled: false })).toBe('disabled');
  });
});
