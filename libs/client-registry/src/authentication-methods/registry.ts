import { Injectable, type Type } from '@nestjs/common';
import { Clock } from '#kernel/clock.js';
import type { OAuthError } from '#kernel/errors.js';
import { CLIENT_AUTHENTICATION_METHODS, type ClientAuthenticationMethodName } from '#kernel/protocol-names.js';
import type { CachedClient } from '../client-cache.js';
import type { ClientRequest } from '../contracts.js';
import type { Presented, Proof } from '../domain/client-authentication.js';
import type { ClientMetadata } from '../domain/client-metadata.js';
import type { ClientAuthenticationMethod, ClientAuthenticationMethodClass } from './authentication-method.js';
import { ClientSecretBasic } from './client-secret-basic.js';
import { ClientSecretPost } from './client-secret-post.js';
import { NoAuthentication } from './none.js';

/** Every method of client authentication, by its name. A new one is its name, its file and its line here. */
const METHODS = {
  client_secret_basic: ClientSecretBasic,
  client_secret_post: ClientSecretPost,
  none: NoAuthentication,
} satisfies { [Name in ClientAuthenticationMethodName]: ClientAuthenticationMethodClass<Name> };

export const METHOD_PROVIDERS: readonly Type<ClientAuthenticationMethod>[] = CLIENT_AUTHENTICATION_METHODS.map((name) => METHODS[name]);

/** Whether the client authenticates with a secret, and so has one or more. */
export function needsSecret({ token_endpoint_auth_method: name }: ClientMetadata): boolean {
  const { needs }: ClientAuthenticationMethodClass<typeof name> = METHODS[name];
  return needs === 'secret';
}

@Injectable()
export class ClientAuthenticationMethods {
  readonly #byName: ReadonlyMap<ClientAuthenticationMethodName, ClientAuthenticationMethod>;

  constructor(
    private readonly clock: Clock,
    methods: readonly ClientAuthenticationMethod[],
  ) {
    this.#byName = new Map(methods.map((method) => [method.name, method]));
  }

  /** Everything that the request presents, each for its own method. */
  presented(request: ClientRequest): readonly (Presented | OAuthError)[] {
    return [...this.#byName.values()].flatMap((method) => method.presented(request) ?? []);
  }

  async prove(presented: Presented, known: CachedClient | undefined): Promise<Proof> {
    return this.#named(presented.method).prove(presented, known, this.clock.now());
  }

  #named(name: ClientAuthenticationMethodName): ClientAuthenticationMethod {
    const method = this.#byName.get(name);
    if (method === undefined) throw new Error(`${name} is not provided`);
    return method;
  }
}
