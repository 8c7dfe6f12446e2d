import { Get, Header } from '@nestjs/common';
import { QueryBus } from '#kernel/bus.js';
import { GetJwks, type Jwks } from '#token/contracts.js';
import { PublicDocument } from './endpoint-kinds.js';

/** The public keys that clients verify signatures with (RFC 7517 §5). */
@PublicDocument('/oauth/v2/jwks', { metadata: 'jwks_uri' })
export class JwksController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Header('content-type', 'application/jwk-set+json')
  read(): Promise<Jwks> {
    return this.queries.execute(new GetJwks());
  }
}
