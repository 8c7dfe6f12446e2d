import { HandlesQuery } from '#kernel/bus.js';
import { type Client, GetClient } from './contracts.js';
import { clientIdProblem } from './domain/client-id.js';
import { Clients } from './persistence/clients.js';
import { ClientCache } from './client-cache.js';

@HandlesQuery(GetClient)
export class GetClientHandler {
  constructor(
    private readonly remembered: ClientCache,
    private readonly clients: Clients,
  ) {}

  async execute({ clientId, from }: GetClient): Promise<Client | undefined> {
    if (clientIdProblem(clientId) !== undefined) return undefined;
    if (from === 'stored') return this.clients.find(clientId);
    return (await this.remembered.get(clientId))?.client;
  }
}
