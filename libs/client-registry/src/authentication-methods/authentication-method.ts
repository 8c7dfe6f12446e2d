import type { Type } from '@nestjs/common';
import type { OAuthError } from '#kernel/errors.js';
import type { ClientAuthenticationMethodName } from '#kernel/protocol-names.js';
import type { CachedClient } from '../client-cache.js';
import type { ClientRequest } from '../contracts.js';
import type { Presented, Proof } from '../domain/client-authentication.js';

/**
 * A method of client authentication (RFC 6749 §2.3) is one file with these hooks, its name and its line in the registry. What is
 * the same for all (one method per request, the client's registration, the refusal) is in `authenticate-client.ts`.
 */
export interface ClientAuthenticationMethod<P extends Presented = Presented> {
  /** The value of `token_endpoint_auth_method`. */
  readonly name: ClientAuthenticationMethodName;
  /** What the request presents for this method; undefined if there is nothing, an error if it is malformed. */
  presented(request: ClientRequest): P | OAuthError | undefined;
  /** Whether it holds for the client. Does the same work if `known` is undefined, which means that there is no such client. */
  prove(presented: P, known: CachedClient | undefined, now: Date): Proof | Promise<Proof>;
}

export interface ClientAuthenticationMethodClass<Name extends ClientAuthenticationMethodName> extends Type<
  ClientAuthenticationMethod & { readonly name: Name }
> {
  /** What a client with this method has registered. A client whose method needs a secret gets one when it is created. */
  readonly needs: 'secret' | 'nothing';
}
