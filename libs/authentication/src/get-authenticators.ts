import { HandlesQuery } from '#kernel/bus.js';
import { Authenticators } from './authenticators/registry.js';
import { GetAuthenticators } from './contracts.js';

@HandlesQuery(GetAuthenticators)
export class GetAuthenticatorsHandler {
  constructor(private readonly authenticators: Authenticators) {}

  async execute(): Promise<readonly { name: string; acr: string }[]> {
    return this.authenticators.all().map(({ name, acr }) => ({ name, acr }));
  }
}
