import { Get, Header, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { GetAuthenticators } from '#authentication/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import {
  CLIENT_AUTHENTICATION_METHODS,
  CODE_CHALLENGE_METHODS,
  GRANT_TYPES,
  PROMPTS,
  RESPONSE_MODES,
  RESPONSE_TYPES,
  SIGNING_ALGORITHMS,
} from '#kernel/protocol-names.js';
import { GetTokenCapabilities } from '#token/contracts.js';
import { Issuer } from '../http/issuer.js';
import { PublicDocument } from './endpoint-kinds.js';
import { MEMBERS, type MetadataMember, PROVIDER_MEMBERS, SERVER_MEMBERS } from './metadata-members.js';

type Metadata = Readonly<Record<string, unknown>>;

/** The documents as JSON, written at the first request. */
interface Documents {
  readonly authorizationServer: string;
  readonly openidProvider: string;
}

const JSON_TEXT = ['content-type', 'application/json; charset=utf-8'] as const;

/** What the server can do, read from the endpoints and registries that do it. It never changes while the server runs. */
@PublicDocument('/.well-known')
export class DiscoveryController implements OnModuleInit {
  #documents: Documents | undefined;

  constructor(
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
    private readonly discovery: DiscoveryService,
  ) {}

  /** A member without an endpoint stops the start. */
  onModuleInit(): void {
    MEMBERS.pathsOf(this.discovery);
  }

  /** RFC 8414 §2 */
  @Get('oauth-authorization-server')
  @Header(...JSON_TEXT)
  async authorizationServer(): Promise<string> {
    return (await this.#written()).authorizationServer;
  }

  /** OpenID Connect Discovery §3 */
  @Get('openid-configuration')
  @Header(...JSON_TEXT)
  async openidProvider(): Promise<string> {
    return (await this.#written()).openidProvider;
  }

  async #written(): Promise<Documents> {
    if (this.#documents === undefined) {
      const server = await this.#authorizationServer();
      const provider = { ...server, ...(await this.#openidProvider()) };
      this.#documents = { authorizationServer: JSON.stringify(server), openidProvider: JSON.stringify(provider) };
    }
    return this.#documents;
  }

  async #authorizationServer(): Promise<Metadata> {
    const { scopes } = await this.queries.execute(new GetTokenCapabilities());
    return {
      issuer: this.issuer.url,
      ...this.#addresses(SERVER_MEMBERS),
      response_types_supported: RESPONSE_TYPES,
      response_modes_supported: RESPONSE_MODES,
      grant_types_supported: GRANT_TYPES,
      scopes_supported: scopes.map(({ name }) => name),
      token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION_METHODS,
      code_challenge_methods_supported: CODE_CHALLENGE_METHODS,
      authorization_response_iss_parameter_supported: true,
    };
  }

  async #openidProvider(): Promise<Metadata> {
    const { claims } = await this.queries.execute(new GetTokenCapabilities());
    const authenticators = await this.queries.execute(new GetAuthenticators());
    return {
      ...this.#addresses(PROVIDER_MEMBERS),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
      acr_values_supported: authenticators.map(({ acr }) => acr),
      claims_supported: claims,
      claims_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      prompt_values_supported: PROMPTS,
    };
  }

  #addresses(members: readonly MetadataMember[]): Metadata {
    const paths = MEMBERS.pathsOf(this.discovery);
    return Object.fromEntries(members.map((member) => [member, this.issuer.absolute(paths[member])]));
  }
}
