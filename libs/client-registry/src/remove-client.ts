import { HandlesCommand } from '#kernel/bus.js';
import { ClientTransaction } from './client-transaction.js';
import { ClientRemoved, RemoveClient } from './contracts.js';
import { Clients } from './persistence/clients.js';

@HandlesCommand(RemoveClient)
export class RemoveClientHandler {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly clients: Clients,
  ) {}

  async execute({ clientId, version }: RemoveClient): Promise<'removed' | 'stale' | 'not-found'> {
    const removed = await this.transaction.run(clientId, async (transaction) => {
      if (!(await this.clients.remove(transaction, clientId, version))) return false;
      transaction.record(new ClientRemoved(clientId, { client_id: clientId }));
      return true;
    });
    if (removed) return 'removed';
    return (await this.clients.find(clientId)) === undefined ? 'not-found' : 'stale';
  }
}
