/**
 * The proof that a request comes from a client (RFC 6749 §2.3): what was sent, read into one claim, and whether a claim
 * holds for a registered client. Every refusal says the same to the outside; why is for the administrator.
 */
import { timingSafeEqual } from 'node:crypto';
import { OAuthError } from '#kernel/errors.js';
import { sha256, type Secret } from '#kernel/secrets.js';
import { parseBasicCredentials } from './basic-credentials.js';
import type { ClientMetadata } from './client-metadata.js';

/** What was sent, as it was sent. */
interface Presented {
  readonly authorization: string | undefined;
  readonly clientId: string | undefined;
  readonly clientSecret: Secret | undefined;
}

export interface ClientClaim {
  readonly clientId: string;
  readonly secret: Secret | undefined;
  /** `twice` stands for the same secret in the header and in the body. */
  readonly method: 'client_secret_basic' | 'client_secret_post' | 'twice' | 'none';
}

interface StoredSecret {
  readonly id: string;
  readonly hash: Buffer;
  readonly expires_at: Date | null;
}

interface Known<C extends ClientMetadata> {
  readonly client: C;
  readonly secrets: readonly StoredSecret[];
}

export type Verdict<C> =
  | { readonly proven: true; readonly client: C; readonly secretId: string | undefined }
  | { readonly proven: false; readonly reason: Reason };

type Reason = 'unknown-client' | 'wrong-method' | 'wrong-secret' | 'expired-secret' | 'disabled';

const NO_SECRET: StoredSecret = { id: '', hash: sha256('no client has a secret with this hash'), expires_at: new Date(0) };

export function refuseClient(detail: string): OAuthError {
  return new OAuthError('invalid_client', 'client authentication failed', detail);
}

/** Reads the claim. `strict` refuses two proofs, even equal ones, as RFC 6749 §2.3 has it. */
export function readClaim(presented: Presented, mode: 'lenient' | 'strict'): ClientClaim | OAuthError {
  if (presented.authorization !== undefined) return readHeader(presented.authorization, presented, mode);
  const { clientId, clientSecret } = presented;
  if (clientId === undefined) return refuseClient('neither an Authorization header nor a client_id was sent');
  return { clientId, secret: clientSecret, method: clientSecret === undefined ? 'none' : 'client_secret_post' };
}

function readHeader(authorization: string, form: Presented, mode: 'lenient' | 'strict'): ClientClaim | OAuthError {
  if (form.clientSecret !== undefined && mode === 'strict') {
    return new OAuthError('invalid_request', 'the client must not use more than one authentication method in a request');
  }
  const basic = parseBasicCredentials(authorization);
  if (basic === 'malformed') return refuseClient('the Authorization header does not hold well-formed Basic credentials');
  const { clientId, clientSecret } = basic;
  if (form.clientId !== undefined && form.clientId !== clientId) return refuseClient('header and body name different clients');
  if (form.clientSecret === undefined) return { clientId, secret: clientSecret, method: 'client_secret_basic' };
  if (!form.clientSecret.equals(clientSecret)) return refuseClient('header and body hold different secrets');
  return { clientId, secret: clientSecret, method: 'twice' };
}

/** Does the same work for a client without secrets, or for none at all, as for one with a secret. */
export function verifyClaim<C extends ClientMetadata>(claim: ClientClaim, known: Known<C> | undefined, now: Date): Verdict<C> {
  const match = matchingSecret(claim.secret, known?.secrets ?? []);
  if (known === undefined) return { proven: false, reason: 'unknown-client' };
  const { client } = known;
  if (!isRegisteredMethod(claim.method, client.token_endpoint_auth_method)) return { proven: false, reason: 'wrong-method' };
  if (claim.method !== 'none') {
    if (match === undefined) return { proven: false, reason: 'wrong-secret' };
    if (match.expires_at !== null && match.expires_at <= now) return { proven: false, reason: 'expired-secret' };
  }
  return client.enabled ? { proven: true, client, secretId: match?.id } : { proven: false, reason: 'disabled' };
}

function isRegisteredMethod(method: ClientClaim['method'], registered: ClientMetadata['token_endpoint_auth_method']): boolean {
  return method === registered || (method === 'twice' && registered !== 'none');
}

function matchingSecret(secret: Secret | undefined, secrets: readonly StoredSecret[]): StoredSecret | undefined {
  const hash = secret?.hash() ?? NO_SECRET.hash;
  const candidates = secrets.length === 0 ? [NO_SECRET] : secrets;
  const matches = candidates.filter((candidate) => timingSafeEqual(candidate.hash, hash));
  return matches.find((match) => match !== NO_SECRET);
}
