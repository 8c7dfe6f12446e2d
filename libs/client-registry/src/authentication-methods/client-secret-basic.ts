import { Injectable } from '@nestjs/common';
import { OAuthError } from '#kernel/errors.js';
import type { CachedClient } from '../client-cache.js';
import type { ClientRequest } from '../contracts.js';
import { parseBasicCredentials } from '../domain/basic-credentials.js';
import { type PresentedSecret, type Proof, refuseClient } from '../domain/client-authentication.js';
import { proveSecret } from '../domain/secret-proof.js';
import type { ClientAuthenticationMethod } from './authentication-method.js';

/** RFC 6749 §2.3.1: client ID and secret in the `Authorization` header, by HTTP Basic. */
@Injectable()
export class ClientSecretBasic implements ClientAuthenticationMethod<PresentedSecret> {
  static readonly needs = 'secret';
  readonly name = 'client_secret_basic';

  presented({ authorization }: ClientRequest): PresentedSecret | OAuthError | undefined {
    if (authorization === undefined) return undefined;
    const basic = parseBasicCredentials(authorization);
    if (basic === 'malformed') return refuseClient('the Authorization header does not contain well-formed Basic credentials');
    return { method: this.name, clientId: basic.clientId, secret: basic.clientSecret };
  }

  prove({ secret }: PresentedSecret, known: CachedClient | undefined, now: Date): Proof {
    return proveSecret(secret, known?.secrets, now);
  }
}
