import { HandlesCommand } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import { ClientAuthenticationMethods } from './authentication-methods/registry.js';
import { ClientAuthenticationLog } from './client-authentication-log.js';
import { ClientCache } from './client-cache.js';
import { AuthenticateClient, type Client } from './contracts.js';
import { checkClient, credentialsToProve, readCredentials } from './domain/client-authentication.js';
import { ClientRegistryOptions } from './options.js';

/** Reads what the request presents, finds the client, has its method prove it, then checks the client. */
@HandlesCommand(AuthenticateClient)
export class AuthenticateClientHandler {
  constructor(
    private readonly methods: ClientAuthenticationMethods,
    private readonly cache: ClientCache,
    private readonly log: ClientAuthenticationLog,
    private readonly options: ClientRegistryOptions,
  ) {}

  async execute({ request }: AuthenticateClient): Promise<Client | OAuthError> {
    const credentials = readCredentials({ presented: this.methods.presented(request), mode: this.options.clientAuthentication });
    if (credentials instanceof OAuthError) return credentials;
    const known = await this.cache.get(credentials.clientId);
    const toProve = credentialsToProve(credentials, known?.client.token_endpoint_auth_method);
    const proof = await this.methods.prove(toProve, known);
    const client = checkClient({ client: known?.client, credentials, proof });
    if (client instanceof OAuthError) {
      if (known !== undefined) await this.log.failed(known.client, client.detail ?? '');
      return client;
    }
    if (proof.proven && proof.secretId !== undefined) this.log.succeeded(proof.secretId);
    return client;
  }
}
