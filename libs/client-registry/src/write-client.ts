import { Injectable } from '@nestjs/common';
import { ClientTransaction } from './client-transaction.js';
import { type Client, ClientChanged, type ClientWritten } from './contracts.js';
import type { ReadDocument } from './domain/client-document.js';
import { changedFields } from './domain/client-metadata.js';
import { isPublic } from './domain/client-rules.js';
import { CheckAuthenticators } from './check-authenticators.js';
import { ClientSecrets } from './persistence/client-secrets.js';
import { Clients } from './persistence/clients.js';

/** Writes new metadata over the version that the writer has seen. Replacement and patch differ in how they are read. */
@Injectable()
export class WriteClient {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly clients: Clients,
    private readonly secrets: ClientSecrets,
    private readonly authenticators: CheckAuthenticators,
  ) {}

  async write(clientId: string, version: number, read: (current: Client) => ReadDocument): Promise<ClientWritten> {
    const current = await this.clients.find(clientId);
    if (current === undefined) return { outcome: 'not-found' };
    if (current.version !== version) return { outcome: 'stale' };
    const document = read(current);
    if (document.outcome === 'invalid') return document;
    const { metadata } = document;
    const errors = await this.authenticators.errors(metadata);
    if (errors.length > 0) return { outcome: 'invalid', errors };
    const changed = changedFields(current, metadata);
    if (changed.length === 0) return { outcome: 'changed', client: current };

    return this.transaction.run<ClientWritten>(clientId, async (transaction, now) => {
      const client = await this.clients.update(transaction, current, metadata, now);
      if (client === undefined) return { outcome: 'stale' };
      if (isPublic(client)) await this.secrets.removeAll(transaction, clientId);
      transaction.record(new ClientChanged(clientId, { client_id: clientId, version: client.version, changed }));
      return { outcome: 'changed', client };
    });
  }
}
