import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign, timingSafeEqual } from 'node:crypto';

export const sha256 = (value) => createHash('sha256').update(value).digest();

/** A secret that begins with its expiry, so its row is found by a key that begins with a time. */
export function expiring(now, seconds) {
  const expiresAt = new Date(now.getTime() + seconds * 1000);
  const bytes = Buffer.alloc(38);
  bytes.writeUIntBE(expiresAt.getTime(), 0, 6);
  randomBytes(32).copy(bytes, 6);
  const value = bytes.toString('base64url');
  return { value, expiresAt, hash: sha256(value) };
}

/** Undefined if the value is malformed or expired. */
export function parse(value, now) {
  if (!/^[A-Za-z0-9_-]{51}$/.test(value ?? '')) return undefined;
  const expiresAt = new Date(Buffer.from(value, 'base64url').readUIntBE(0, 6));
  return expiresAt > now ? { value, expiresAt, hash: sha256(value) } : undefined;
}

/** RFC 6749 §2.3.1. */
export function authenticate(header, clients) {
  const [id, secret] = Buffer.from((header ?? '').slice(6), 'base64').toString().split(':').map(decodeURIComponent);
  const client = clients.get(id);
  return client !== undefined && timingSafeEqual(client.secret_hash, sha256(secret ?? '')) ? client : undefined;
}

const key = createPrivateKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }));
const HEADER = Buffer.from(JSON.stringify({ alg: 'ES256', kid: 'floor', typ: 'JWT' })).toString('base64url');

export function signJwt(payload) {
  const input = `${HEADER}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
