import { HandlesQuery } from '#kernel/bus.js';
import { ClientCache } from './client-cache.js';
import { type Client, GetClient, ListClients } from './contracts.js';
import { clientIdProblem } from './domain/client-id.js';
import { Clients } from './persistence/clients.js';

@HandlesQuery(GetClient)
export class GetClientHandler {
  constructor(
    private readonly cache: ClientCache,
    private readonly clients: Clients,
  ) {}

  async execute({ clientId, from }: GetClient): Promise<Client | undefined> {
    if (clientIdProblem(clientId) !== undefined) return undefined;
    if (from === 'stored') return this.clients.find(clientId);
    return (await this.cache.get(clientId))?.client;
  }
}

@HandlesQuery(ListClients)
export class ListClientsHandler {
  constructor(private readonly clients: Clients) {}

  async execute({ page }: ListClients): Promise<readonly Client[]> {
    return this.clients.list(page);
  }
}
