import { Injectable, type Type } from '@nestjs/common';
import { GRANT_TYPES, type GrantTypeName } from '#kernel/protocol-names.js';
import { AuthorizationCodeGrant } from './authorization-code.js';
import { ClientCredentialsGrant } from './client-credentials.js';
import type { GrantType } from './grant-type.js';
import { RefreshTokenGrant } from './refresh-token.js';

/** Every grant type that the token endpoint knows, by its name. A new one is its name, its file and its line here. */
const GRANTS = {
  authorization_code: AuthorizationCodeGrant,
  refresh_token: RefreshTokenGrant,
  client_credentials: ClientCredentialsGrant,
} satisfies { [Name in GrantTypeName]: Type<GrantType & { readonly name: Name }> };

export const GRANT_PROVIDERS: readonly Type<GrantType>[] = GRANT_TYPES.map((name) => GRANTS[name]);

@Injectable()
export class GrantTypes {
  readonly #byName: ReadonlyMap<string, GrantType>;

  constructor(...grantTypes: GrantType[]) {
    this.#byName = new Map(grantTypes.map((grantType) => [grantType.name, grantType]));
  }

  find(name: string): GrantType | undefined {
    return this.#byName.get(name);
  }
}
