import { HandlesCommand } from '#kernel/bus.js';
import { WriteClient } from './write-client.js';
import { type ClientWritten, ReplaceClient } from './contracts.js';
import { readReplacement } from './domain/client-document.js';

@HandlesCommand(ReplaceClient)
export class ReplaceClientHandler {
  constructor(private readonly change: WriteClient) {}

  async execute({ clientId, document, version }: ReplaceClient): Promise<ClientWritten> {
    return this.change.write(clientId, version, (current) => readReplacement(document, current));
  }
}
