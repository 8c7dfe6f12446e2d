import { HandlesQuery } from '#kernel/bus.js';
import { GetJwks, GetTokenCapabilities, type Jwks, type TokenCapabilities } from './contracts.js';
import { USER_SCOPES } from './domain/scopes.js';
import { USER_CLAIMS } from './domain/user-claims.js';
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
  execute(): Promise<TokenCapabilities> {
    return Promise.resolve({ scopes: USER_SCOPES, claims: USER_CLAIMS });
  }
}
