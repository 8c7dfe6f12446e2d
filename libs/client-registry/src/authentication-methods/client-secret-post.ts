import { Injectable } from '@nestjs/common';
import { Secret } from '#kernel/secrets.js';
import type { CachedClient } from '../client-cache.js';
import type { ClientRequest } from '../contracts.js';
import type { PresentedSecret, Proof } from '../domain/client-authentication.js';
import { proveSecret } from '../domain/secret-proof.js';
import type { ClientAuthenticationMethod } from './authentication-method.js';

/** RFC 6749 §2.3.1: client ID and secret as parameters of the form. */
@Injectable()
export class ClientSecretPost implements ClientAuthenticationMethod<PresentedSecret> {
  static readonly needs = 'secret';
  readonly name = 'client_secret_post';

  presented({ parameters }: ClientRequest): PresentedSecret | undefined {
    const secret = parameters.get('client_secret');
    return secret === undefined ? undefined : { method: this.name, clientId: parameters.get('client_id'), secret: new Secret(secret) };
  }

  prove({ secret }: PresentedSecret, known: CachedClient | undefined, now: Date): Proof {
    return proveSecret(secret, known?.secrets, now);
  }
}
