/** Replaces, patches or removes a client, if it is still at the version that the writer has seen. */
import { Injectable } from '@nestjs/common';
import type { Removed } from '#document/outcomes.js';
import { HandlesCommand } from '#kernel/bus.js';
import { needsSecret } from './authentication-methods/registry.js';
import { CheckAuthenticators } from './check-authenticators.js';
import { ClientTransaction } from './client-transaction.js';
import {
  type Client,
  ClientChanged,
  ClientRemoved,
  type ClientWritten,
  PatchClient,
  RemoveClient,
  ReplaceClient,
} from './contracts.js';
import { type ReadDocument, readPatch, readReplacement } from './domain/client-document.js';
import { changedFields } from './domain/client-metadata.js';
import { ClientSecrets } from './persistence/client-secrets.js';
import { Clients } from './persistence/clients.js';

/** Replacement and patch differ in how the document is read. */
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
    if (changed.length === 0) return { outcome: 'changed', stored: current };

    return this.transaction.run<ClientWritten>(clientId, async (transaction, now) => {
      const client = await this.clients.update(transaction, current, metadata, now);
      if (client === undefined) return { outcome: 'stale' };
      if (!needsSecret(client)) await this.secrets.removeAll(transaction, clientId);
      transaction.record(new ClientChanged(clientId, { client_id: clientId, version: client.version, changed }));
      return { outcome: 'changed', stored: client };
    });
  }
}

@HandlesCommand(ReplaceClient)
export class ReplaceClientHandler {
  constructor(private readonly client: WriteClient) {}

  async execute({ clientId, document, version }: ReplaceClient): Promise<ClientWritten> {
    return this.client.write(clientId, version, (current) => readReplacement(document, current));
  }
}

@HandlesCommand(PatchClient)
export class PatchClientHandler {
  constructor(private readonly client: WriteClient) {}

  async execute({ clientId, patch, version }: PatchClient): Promise<ClientWritten> {
    return this.client.write(clientId, version, (current) => readPatch(patch, current));
  }
}

@HandlesCommand(RemoveClient)
export class RemoveClientHandler {
  constructor(
    private readonly transaction: ClientTransaction,
    private readonly clients: Clients,
  ) {}

  async execute({ clientId, version }: RemoveClient): Promise<Removed> {
    const isRemoved = await this.transaction.run(clientId, async (transaction) => {
      if (!(await this.clients.remove(transaction, clientId, version))) return false;
      transaction.record(new ClientRemoved(clientId, { client_id: clientId }));
      return true;
    });
    if (isRemoved) return 'removed';
    return (await this.clients.find(clientId)) === undefined ? 'not-found' : 'stale';
  }
}
