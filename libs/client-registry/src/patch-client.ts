import { HandlesCommand } from '#kernel/bus.js';
import { WriteClient } from './write-client.js';
import { type ClientWritten, PatchClient } from './contracts.js';
import { readPatch } from './domain/client-document.js';

@HandlesCommand(PatchClient)
export class PatchClientHandler {
  constructor(private readonly change: WriteClient) {}

  async execute({ clientId, patch, version }: PatchClient): Promise<ClientWritten> {
    return this.change.write(clientId, version, (current) => readPatch(patch, current));
  }
}
