/** The secrets of a client, as an administrator sees them, makes a new one, and removes one. */
import { readNew } from '#document/read-document.js';
import { HandlesCommand, HandlesQuery } from '#kernel/bus.js';
import { randomSecret } from '#kernel/secrets.js';
import { needsSecret } from './authentication-methods/registry.js';
import { ClientTransaction } from './client-transaction.js';
import {
  type ClientSecret,
  ClientSecretReset,
  type ClientSecretWritten,
  ListClientSecrets,
  RemoveClientSecret,
  ResetClientSecret,
} from './contracts.js';
import { SecretReset } from './domain/client-secret-document.js';
import { isValid, MAX_SECRETS } from './domain/client-secret.js';
import { ClientSecrets, withoutHash } from './persistence/client-secrets.js';
import { Clients } from './persistence/clients.js';

@HandlesQuery(ListClientSecrets)
export class ListClientSecretsHandler {
  constructor(
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId }: ListClientSecrets): Promise<readonly ClientSecret[] | undefined> {
    if ((await this.clients.find(clientId)) === undefined) return undefined;
    return (await this.secrets.findAll(clientId)).map(withoutHash);
  }
}

@HandlesCommand(ResetClientSecret)
export class ResetClientSecretHandler {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
  ) {}

  async execute({ clientId, document }: ResetClientSecret): Promise<ClientSecretWritten> {
    const reset = readNew(SecretReset, document);
    return reset.outcome === 'invalid' ? reset : this.reset(clientId, reset.document.retire_others_in);
  }

  /** The other secrets end after `retireOthersIn` seconds: 0 is at once, and without it they stay. */
  private reset(clientId: string, retireOthersIn: number | undefined): Promise<ClientSecretWritten> {
    return this.transaction.run<ClientSecretWritten>(clientId, async (transaction, now) => {
      const client = await this.clients.lock(transaction, clientId);
      if (client === undefined) return { outcome: 'not-found' };
      if (!needsSecret(client)) return { outcome: 'public-client' };
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
