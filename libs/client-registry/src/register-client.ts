import { randomUUID } from 'node:crypto';
import { HandlesCommand } from '#kernel/bus.js';
import { randomSecret } from '#kernel/secrets.js';
import { needsSecret } from './authentication-methods/registry.js';
import { ClientTransaction } from './client-transaction.js';
import { ClientRegistered, type ClientWritten, RegisterClient } from './contracts.js';
import { readNew } from './domain/client-document.js';
import { secretErrors } from './domain/client-secret.js';
import { CheckAuthenticators } from './check-authenticators.js';
import { ClientSecrets } from './persistence/client-secrets.js';
import { Clients } from './persistence/clients.js';

@HandlesCommand(RegisterClient)
export class RegisterClientHandler {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
    private readonly authenticators: CheckAuthenticators,
  ) {}

  async execute({ document, clientSecret: given }: RegisterClient): Promise<ClientWritten> {
    const read = readNew(document);
    if (read.outcome === 'invalid') return read;
    const { clientId = randomUUID(), metadata } = read;
    const hasSecret = needsSecret(metadata);
    const errors = [...secretErrors(given, hasSecret), ...(await this.authenticators.errors(metadata))];
    if (errors.length > 0) return { outcome: 'invalid', errors };
    const clientSecret = hasSecret ? (given ?? randomSecret()) : undefined;

    return this.transaction.run<ClientWritten>(clientId, async (transaction, now) => {
      const client = await this.clients.insert(transaction, clientId, metadata, now);
      if (client === undefined) return { outcome: 'taken' };
      if (clientSecret !== undefined) await this.secrets.insert(transaction, clientId, clientSecret.hash(), now);
      transaction.record(new ClientRegistered(clientId, { client_id: clientId }));
      return { outcome: 'created', stored: client, clientSecret };
    });
  }
}
