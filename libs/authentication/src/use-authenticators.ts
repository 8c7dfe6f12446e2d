import { HandlesCommand, HandlesQuery } from '#kernel/bus.js';
import { Authenticators } from './authenticators/registry.js';
import { BeginLogin, GetAuthenticators } from './contracts.js';

@HandlesQuery(GetAuthenticators)
export class GetAuthenticatorsHandler {
  constructor(private readonly authenticators: Authenticators) {}

  async execute(): Promise<readonly { name: string; acr: string }[]> {
    return this.authenticators.all().map(({ name, acr }) => ({ name, acr }));
  }
}

@HandlesCommand(BeginLogin)
export class BeginLoginHandler {
  constructor(private readonly authenticators: Authenticators) {}

  async execute({ authenticator }: BeginLogin): Promise<Readonly<Record<string, string>>> {
    return (await this.authenticators.named(authenticator)?.begin?.()) ?? {};
  }
}
