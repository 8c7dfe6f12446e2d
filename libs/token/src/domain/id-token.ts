import { createHash } from 'node:crypto';
import type { AuthorizedGrant } from '#authorization/contracts.js';

type Authorized = Omit<AuthorizedGrant, 'grantId' | 'nonce'>;

/** What an ID token tells, apart from the token itself (OIDC Core §2). */
export interface IdTokenFacts {
  readonly jti: string;
  readonly issuer: string;
  /** What the user authorized, and how and when the user logged in. */
  readonly authorized: Authorized;
  readonly nonce: string | undefined;
  /** The access token that is issued beside it: `at_hash` binds the two (OIDC Core §3.1.3.6). */
  readonly accessToken: string;
  /** Claims that were asked for by name; they cannot take the place of the token's own. */
  readonly userClaims: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly lifetime: number;
}

/** The payload of the JWT; times are seconds since 1970. */
export function idTokenPayload(facts: IdTokenFacts, now: Date): Readonly<Record<string, unknown>> {
  const { authorized } = facts;
  const issuedAt = seconds(now);
  return {
    ...facts.userClaims,
    iss: facts.issuer,
    sub: authorized.sub,
    aud: authorized.clientId,
    azp: authorized.clientId,
    exp: issuedAt + facts.lifetime,
    iat: issuedAt,
    nbf: issuedAt,
    jti: facts.jti,
    auth_time: seconds(authorized.authTime),
    acr: authorized.acr,
    amr: authorized.amr,
    at_hash: leftHalfOfHash(facts.accessToken),
    sid: authorized.sid,
    ...(facts.nonce === undefined ? {} : { nonce: facts.nonce }),
    purpose: 'id',
  };
}

/** Both signing algorithms, RS256 and ES256, hash with SHA-256. */
function leftHalfOfHash(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest().subarray(0, 16).toString('base64url');
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
