/**
 * Which client a request comes from (RFC 6749 §2.3): the rules of what it presents, and those of the client that it names. Every
 * refusal has the same public text; the reason is for the administrator.
 */
import { type Check, firstError } from '#kernel/check.js';
import { OAuthError } from '#kernel/errors.js';
import type { ClientAuthenticationMethodName } from '#kernel/protocol-names.js';
import type { Secret } from '#kernel/secrets.js';
import type { ClientMetadata } from './client-metadata.js';

/** What a request presents for one method. */
export interface Presented {
  readonly method: ClientAuthenticationMethodName;
  /** Undefined if this method's part of the request does not name the client. */
  readonly clientId: string | undefined;
}

export interface PresentedSecret extends Presented {
  readonly secret: Secret;
}

export type Proof =
  /** `secretId`: of the secret that was used, if there was one. */
  | { readonly proven: true; readonly secretId?: string }
  | { readonly proven: false; readonly reason: string };

interface PresentationFacts {
  readonly presented: readonly (Presented | OAuthError)[];
  /** `strict` refuses a request with two secrets, even equal ones (RFC 6749 §2.3). */
  readonly mode: 'lenient' | 'strict';
}

/** The rules of what a request presents, in their order. */
export const PRESENTATION_CHECKS: readonly Check<PresentationFacts>[] = [
  { id: 'one-method', section: 'RFC 6749 §2.3', error: twoMethods },
  { id: 'credentials-well-formed', section: 'RFC 6749 §2.3.1', error: malformed },
  { id: 'client-named', section: 'RFC 6749 §3.2.1', error: noClientNamed },
  { id: 'same-client', section: 'RFC 6749 §2.3.1', error: twoClients },
  { id: 'same-secret', section: 'RFC 6749 §2.3.1', error: twoSecrets },
];

/** What a client presents: of the same client each, and for one method, or the same secret for two. */
export interface Credentials {
  readonly clientId: string;
  readonly each: readonly [Presented, ...Presented[]];
}

/** The credentials of the request, if they agree with each other. */
export function readCredentials(facts: PresentationFacts): Credentials | OAuthError {
  const error = firstError(PRESENTATION_CHECKS, facts);
  if (error !== undefined) return error;
  const wellFormed = facts.presented.filter(isWellFormed);
  const [first = NOBODY, ...others] = proofsOf(wellFormed);
  return { clientId: wellFormed.map(({ clientId }) => clientId).find((id) => id !== undefined) ?? '', each: [first, ...others] };
}

interface ClientFacts<C extends ClientMetadata = ClientMetadata> {
  /** Undefined if there is no such client. */
  readonly client: C | undefined;
  readonly credentials: Credentials;
  /** Of the credentials for the method that the client registered, or else of the first. */
  readonly proof: Proof;
}

/** The rules of the named client, in their order. */
export const CLIENT_CHECKS: readonly Check<ClientFacts>[] = [
  { id: 'client-known', section: 'RFC 6749 §5.2', error: ({ client }) => refuseIf(client === undefined, 'unknown-client') },
  { id: 'method-registered', section: 'RFC 7591 §2', error: otherMethod },
  { id: 'proof-valid', section: 'RFC 6749 §2.3.1', error: ({ proof }) => (proof.proven ? undefined : refuseClient(proof.reason)) },
  { id: 'client-enabled', section: 'RFC 6749 §5.2', error: ({ client }) => refuseIf(client?.enabled !== true, 'disabled') },
];

/** The client, if the credentials are its own. */
export function checkClient<C extends ClientMetadata>(facts: ClientFacts<C>): C | OAuthError {
  return firstError(CLIENT_CHECKS, facts) ?? facts.client ?? refuseClient('unknown-client');
}

/** The credentials to prove: those for the method that the client registered, or else the first, so that the work is the same. */
export function credentialsToProve({ each }: Credentials, registered: ClientAuthenticationMethodName | undefined): Presented {
  return each.find(({ method }) => method === registered) ?? each[0];
}

export function refuseClient(reason: string): OAuthError {
  return new OAuthError('invalid_client', 'client authentication failed', reason);
}

function refuseIf(isRefused: boolean, reason: string): OAuthError | undefined {
  return isRefused ? refuseClient(reason) : undefined;
}

const NOBODY: Presented = { method: 'none', clientId: undefined };

function isWellFormed(presented: Presented | OAuthError): presented is Presented {
  return !(presented instanceof OAuthError);
}

/** A `client_id` alone counts as an authentication only if nothing else was presented. */
function proofsOf<P extends Presented | OAuthError>(presented: readonly P[]): readonly P[] {
  const proofs = presented.filter((each) => each instanceof OAuthError || each.method !== 'none');
  return proofs.length > 0 ? proofs : presented;
}

function twoMethods({ presented, mode }: PresentationFacts): OAuthError | undefined {
  if (mode === 'lenient' || proofsOf(presented).length < 2) return undefined;
  return new OAuthError('invalid_request', 'the client must not use more than one authentication method in a request');
}

function malformed({ presented }: PresentationFacts): OAuthError | undefined {
  return presented.find((each) => each instanceof OAuthError);
}

function noClientNamed({ presented }: PresentationFacts): OAuthError | undefined {
  const isNamed = presented.filter(isWellFormed).some(({ clientId }) => clientId !== undefined);
  return isNamed ? undefined : refuseClient('neither an Authorization header nor a client_id was sent');
}

function twoClients({ presented }: PresentationFacts): OAuthError | undefined {
  const ids = presented.filter(isWellFormed).flatMap(({ clientId }) => clientId ?? []);
  return new Set(ids).size > 1 ? refuseClient('header and body name different clients') : undefined;
}

function twoSecrets({ presented }: PresentationFacts): OAuthError | undefined {
  const [first, ...others] = presented.filter((each): each is PresentedSecret => 'secret' in each).map(({ secret }) => secret);
  const differ = first !== undefined && others.some((secret) => !secret.equals(first));
  return differ ? refuseClient('header and body contain different secrets') : undefined;
}

function otherMethod({ client, credentials }: ClientFacts): OAuthError | undefined {
  return refuseIf(!credentials.each.some(({ method }) => method === client?.token_endpoint_auth_method), 'wrong-method');
}
