import { HandlesCommand } from '#kernel/bus.js';
import { ClientTransaction } from './client-transaction.js';
import { ClientSecretReset, RemoveClientSecret } from './contracts.js';
import { ClientSecrets } from './persistence/client-secrets.js';

@HandlesCommand(RemoveClientSecret)
export class RemoveClientSecretHandler {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, secretId }: RemoveClientSecret): Promise<'removed' | 'not-found'> {
    return this.transaction.run(clientId, async (transaction) => {
      if (!(await this.secrets.remove(transaction, clientId, secretId))) return 'not-found';
      transaction.record(new ClientSecretReset(clientId, { client_id: clientId, secret_id: secretId, change: 'removed' }));
      return 'removed';
    });
  }
}
