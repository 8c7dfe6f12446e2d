import { HandlesQuery } from '#kernel/bus.js';
import { type Client, ListClients } from './contracts.js';
import { Clients } from './persistence/clients.js';

@HandlesQuery(ListClients)
export class ListClientsHandler {
  constructor(private readonly clients: Clients) {}

  async execute({ page }: ListClients): Promise<readonly Client[]> {
    return this.clients.list(page);
  }
}
