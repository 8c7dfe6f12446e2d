import { Injectable } from '@nestjs/common';
import type { ClientRequest } from '../contracts.js';
import type { Presented, Proof } from '../domain/client-authentication.js';
import type { ClientAuthenticationMethod } from './authentication-method.js';

/** RFC 6749 §2.1: a public client names itself by its `client_id`, and proves nothing. */
@Injectable()
export class NoAuthentication implements ClientAuthenticationMethod {
  static readonly needs = 'nothing';
  readonly name = 'none';

  presented({ parameters }: ClientRequest): Presented | undefined {
    const clientId = parameters.get('client_id');
    return clientId === undefined ? undefined : { method: this.name, clientId };
  }

  prove(): Proof {
    return { proven: true };
  }
}
