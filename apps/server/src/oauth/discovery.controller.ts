import { Controller, Get, Header } from '@nestjs/common';
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
import { GetJwks, GetTokenCapabilities, type Jwks } from '#token/contracts.js';
import { Issuer } from '../http/issuer.js';

type Metadata = Readonly<Record<string, unknown>>;

/** Each as JSON: written once, at its first reading. */
interface Documents {
  readonly authorizationServer: string;
  readonly openidProvider: string;
}

const JSON_TEXT = ['content-type', 'application/json; charset=utf-8'] as const;
/** Documents that any client may read, from anywhere, and keep for a while. */
const PUBLIC = ['access-control-allow-origin', '*'] as const;
const CACHED = ['cache-control', 'public, max-age=300'] as const;

/** What the server can do, taken from the registries of those who do it: it names nothing that is not there, and never changes. */
@Controller()
export class DiscoveryController {
  #documents: Documents | undefined;

  constructor(
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  /** RFC 8414 §2 */
  @Get('/.well-known/oauth-authorization-server')
  @Header(...JSON_TEXT)
  @Header(...PUBLIC)
  @Header(...CACHED)
  async authorizationServer(): Promise<string> {
    return (await this.#written()).authorizationServer;
  }

  /** OpenID Connect Discovery §3 */
  @Get('/.well-known/openid-configuration')
  @Header(...JSON_TEXT)
  @Header(...PUBLIC)
  @Header(...CACHED)
  async openidProvider(): Promise<string> {
    return (await this.#written()).openidProvider;
  }

  /** RFC 7517 §5 */
  @Get('/oauth/v2/jwks')
  @Header('content-type', 'application/jwk-set+json')
  @Header(...PUBLIC)
  @Header(...CACHED)
  jwks(): Promise<Jwks> {
    return this.queries.execute(new GetJwks());
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
      authorization_endpoint: this.issuer.absolute('/oauth/v2/oauth-authorize'),
      token_endpoint: this.issuer.absolute('/oauth/v2/oauth-token'),
      jwks_uri: this.issuer.absolute('/oauth/v2/jwks'),
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
      userinfo_endpoint: this.issuer.absolute('/oauth/v2/oauth-userinfo'),
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
}
