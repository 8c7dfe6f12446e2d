import { HandlesQuery } from '#kernel/bus.js';
import { GetJwks, GetTokenCapabilities, type Jwks, type TokenCapabilities } from './contracts.js';
import { USER_SCOPES } from './domain/scopes.js';
import { SIGNING_ALGORITHMS } from './domain/signing.js';
import { USER_CLAIMS } from './domain/user-claims.js';
import { GrantTypes } from './grants/registry.js';
import { SigningKeys } from './signing-keys.js';

@HandlesQuery(GetJwks)
export class GetJwksHandler {
  constructor(private readonly keys: SigningKeys) {}

  execute(): Promise<Jwks> {
    return Promise.resolve({ keys: this.keys.published });
  }
}

@HandlesQuery(GetTokenCapabilities)
export class GetTokenCapabilitiesHandler {
  constructor(private readonly grantTypes: GrantTypes) {}

  execute(): Promise<TokenCapabilities> {
    return Promise.resolve({
      grantTypes: this.grantTypes.names,
      scopes: USER_SCOPES,
      claims: USER_CLAIMS,
      idTokenSigningAlgorithms: SIGNING_ALGORITHMS,
    });
  }
}
