import { Injectable } from '@nestjs/common';
import { GetAuthenticators } from '#authentication/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import type { FieldError } from '#kernel/errors.js';
import type { ClientMetadata } from './domain/client-metadata.js';

/** A client may name only authenticators that exist. Otherwise its users would come back to the login for ever. */
@Injectable()
export class CheckAuthenticators {
  constructor(private readonly queries: QueryBus) {}

  async errors({ authenticators }: ClientMetadata): Promise<readonly FieldError[]> {
    const known = (await this.queries.execute(new GetAuthenticators())).map(({ name }) => name);
    return authenticators.flatMap((name, index) =>
      known.includes(name)
        ? []
        : [{ pointer: `/authenticators/${String(index)}`, rule: 'authenticator', detail: `must be one of: ${known.join(', ')}` }],
    );
  }
}
