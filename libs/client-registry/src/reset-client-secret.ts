import { HandlesCommand } from '#kernel/bus.js';
import { randomSecret } from '#kernel/secrets.js';
import { ClientTransaction } from './client-transaction.js';
import { ClientSecretReset, type ClientSecretWritten, ResetClientSecret } from './contracts.js';
import { isPublic } from './domain/client-rules.js';
import { isValid, MAX_SECRETS } from './domain/client-secret.js';
import { ClientSecrets, withoutHash } from './persistence/client-secrets.js';
import { Clients } from './persistence/clients.js';

@HandlesCommand(ResetClientSecret)
export class ResetClientSecretHandler {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, retireOthersIn }: ResetClientSecret): Promise<ClientSecretWritten> {
    return this.transaction.run<ClientSecretWritten>(clientId, async (transaction, now) => {
      const client = await this.clients.lock(transaction, clientId);
      if (client === undefined) return { outcome: 'not-found' };
      if (isPublic(client)) return { outcome: 'public-client' };
      const valid = (await this.secrets.findAllLocked(transaction, clientId)).filter((secret) => isValid(secret, now));
      if (valid.length >= MAX_SECRETS && retireOthersIn !== 0) return { outcome: 'too-many' };

      if (retireOthersIn !== undefined) {
        await this.secrets.retire(transaction, clientId, new Date(now.getTime() + retireOthersIn * 1000));
      }
      await this.secrets.removeExpired(transaction, clientId, now);
      const value = randomSecret();
      const secret = await this.secrets.insert(transaction, clientId, value.hash(), now);
      transaction.record(new ClientSecretReset(clientId, { client_id: clientId, secret_id: secret.id, change: 'created' }));
      return { outcome: 'created', secret: withoutHash(secret), value };
    });
  }
}
