import { Secret } from '#kernel/secrets.js';

/** b64token of RFC 6750 §2.1. */
const BEARER = /^Bearer +([\w\-.~+/]+=*)$/i;

/** The access token of an `Authorization` header. A header of another scheme has none. */
export function bearerToken(authorization: string | undefined): Secret | 'absent' | 'malformed' {
  if (authorization === undefined || !/^Bearer(\s|$)/i.test(authorization)) return 'absent';
  const token = BEARER.exec(authorization)?.[1];
  return token === undefined ? 'malformed' : new Secret(token);
}
