import { createHash, generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import type { SigningAlgorithm } from '#kernel/protocol-names.js';

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A JWK with what a verifier needs to pick it (RFC 7517 §4). */
export type PublicJwk = JsonWebKey & { readonly kid: string; readonly alg: string; readonly use: 'sig' };

const generate: Readonly<Record<SigningAlgorithm, () => KeyPair>> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

export function newKeyPair(alg: SigningAlgorithm): KeyPair {
  return generate[alg]();
}

/** The key ID is the thumbprint of the key (RFC 7638): two servers give one key one name. */
export function publicJwk(publicKey: KeyObject, alg: SigningAlgorithm): PublicJwk {
  const jwk = publicKey.export({ format: 'jwk' });
  const required = jwk.kty === 'RSA' ? { e: jwk.e, kty: jwk.kty, n: jwk.n } : { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y };
  return { ...jwk, kid: createHash('sha256').update(JSON.stringify(required)).digest('base64url'), alg, use: 'sig' };
}

/** The compact serialization of RFC 7515 §3.1; `header` is its first part, encoded already. Synchronous: 20 µs (EC), 250 µs (RSA). */
export function signJwt(header: string, payload: object, privateKey: KeyObject): string {
  const input = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
  // JWS wants r and s side by side (RFC 7518 §3.4), not the DER that OpenSSL makes; RSA keys have no such choice.
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

export function jwtHeader(alg: SigningAlgorithm, kid: string): string {
  return Buffer.from(JSON.stringify({ alg, kid, typ: 'JWT' })).toString('base64url');
}
