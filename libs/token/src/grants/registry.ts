import { Injectable } from '@nestjs/common';
import { AuthorizationCodeGrant } from './authorization-code.js';
import { ClientCredentialsGrant } from './client-credentials.js';
import type { GrantType } from './grant-type.js';
import { RefreshTokenGrant } from './refresh-token.js';

/** Every grant type that the token endpoint knows; discovery names these. A new one is its file and its line here. */
export const GRANT_TYPES = [AuthorizationCodeGrant, RefreshTokenGrant, ClientCredentialsGrant] as const;

@Injectable()
export class GrantTypes {
  readonly #byName: ReadonlyMap<string, GrantType>;

  constructor(...grantTypes: GrantType[]) {
    this.#byName = new Map(grantTypes.map((grantType) => [grantType.name, grantType]));
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  find(name: string): GrantType | undefined {
    return this.#byName.get(name);
  }
}
