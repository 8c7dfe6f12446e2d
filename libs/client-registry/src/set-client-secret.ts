import { HandlesCommand } from '#kernel/bus.js';
import { needsSecret } from './authentication-methods/registry.js';
import { ClientTransaction } from './client-transaction.js';
import { ClientSecretReset, type ClientSecretSet, SetClientSecret } from './contracts.js';
import { isTooShort, isValid } from './domain/client-secret.js';
import { ClientSecrets } from './persistence/client-secrets.js';
import { Clients } from './persistence/clients.js';

@HandlesCommand(SetClientSecret)
export class SetClientSecretHandler {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, value }: SetClientSecret): Promise<ClientSecretSet> {
    if (isTooShort(value)) return 'too-short';
    return this.transaction.run<ClientSecretSet>(clientId, async (transaction, now) => {
      const client = await this.clients.lock(transaction, clientId);
      if (client === undefined) return 'not-found';
      if (!needsSecret(client)) return 'public-client';
      const hash = value.hash();
      const secrets = await this.secrets.findAllLocked(transaction, clientId);
      if (secrets.some((secret) => isValid(secret, now) && secret.hash.equals(hash))) return 'unchanged';

      await this.secrets.removeAll(transaction, clientId);
      const { id } = await this.secrets.insert(transaction, clientId, hash, now);
      transaction.record(new ClientSecretReset(clientId, { client_id: clientId, secret_id: id, change: 'created' }));
      return 'set';
    });
  }
}
