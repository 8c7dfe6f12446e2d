import { createLocalJWKSet } from 'jose/jwks/local';
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeJwt } from 'jose/jwt/decode';
import { HandlesQuery } from '#kernel/bus.js';
import { SIGNING_ALGORITHMS } from '#kernel/protocol-names.js';
import { ReadIdTokenHint } from './contracts.js';
import { TokenOptions } from './options.js';
import { SigningKeys } from './signing-keys.js';

/** A hint may have expired (OIDC Core §3.1.2.1), so only its signature and its issuer are checked. */
@HandlesQuery(ReadIdTokenHint)
export class ReadIdTokenHintHandler {
  constructor(
    private readonly keys: SigningKeys,
    private readonly options: TokenOptions,
  ) {}

  async execute({ idToken }: ReadIdTokenHint): Promise<string | undefined> {
    try {
      await compactVerify(idToken, createLocalJWKSet({ keys: [...this.keys.published] }), { algorithms: [...SIGNING_ALGORITHMS] });
      const { iss, sub } = decodeJwt(idToken);
      return iss === this.options.issuer ? sub : undefined;
    } catch {
      return undefined; // Not a JWT, or not one of ours: no hint.
    }
  }
}
