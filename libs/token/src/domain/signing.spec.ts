import { calculateJwkThumbprint, compactVerify, importJWK, type JWK, jwtVerify } from 'jose';
import { SIGNING_ALGORITHMS } from '#kernel/protocol-names.js';
import { jwtHeader, newKeyPair, publicJwk, signJwt } from './signing.js';

describe.each(SIGNING_ALGORITHMS)('a signature by %s', (alg) => {
  const { privateKey, publicKey } = newKeyPair(alg);
  const jwk = publicJwk(publicKey, alg);
  const header = jwtHeader(alg, jwk.kid);
  const claims = { iss: 'https://issuer.example', sub: 'jöhn"\\\u2028💥', aud: 'www' };

  it('can be verified with the published key, and the header has only alg, kid and typ', async () => {
    const key = await importJWK(jwk as JWK, alg);
    for (let round = 0; round < 20; round++) {
      const { payload, protectedHeader } = await jwtVerify(signJwt(header, { ...claims, round }, privateKey), key, { algorithms: [alg] });
      expect(payload).toEqual({ ...claims, round });
      expect(protectedHeader).toEqual({ alg, kid: jwk.kid, typ: 'JWT' });
    }
  });

  it('cannot be verified for a changed payload, or with another key', async () => {
    const key = await importJWK(jwk as JWK, alg);
    const [first = '', , signature = ''] = signJwt(header, claims, privateKey).split('.');
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'evil' })).toString('base64url');
    await expect(compactVerify([first, changed, signature].join('.'), key)).rejects.toThrow();
    const other = await importJWK(publicJwk(newKeyPair(alg).publicKey, alg) as JWK, alg);
    await expect(compactVerify(signJwt(header, claims, privateKey), other)).rejects.toThrow();
  });

  it('has the length of RFC 7518 §3.3, §3.4', () => {
    const [, , signature = ''] = signJwt(header, claims, privateKey).split('.');
    expect(Buffer.from(signature, 'base64url')).toHaveLength(alg === 'ES256' ? 64 : 256);
  });

  it('has a JWK with public members, whose kid is its thumbprint (RFC 7638)', async () => {
    const members = alg === 'RS256' ? ['e', 'n'] : ['crv', 'x', 'y'];
    expect(Object.keys(jwk).sort()).toEqual(['alg', 'kid', 'kty', 'use', ...members].sort());
    expect(jwk).toMatchObject({ alg, use: 'sig', kid: await calculateJwkThumbprint(jwk as JWK) });
  });
});
