import { HandlesCommand } from '#kernel/bus.js';
import { ClientChange } from './client-change.js';
import { type ClientWritten, PatchClient } from './contracts.js';
import { readPatch } from './domain/client-document.js';

@HandlesCommand(PatchClient)
export class PatchClientHandler {
  constructor(private readonly change: ClientChange) {}

  async execute({ clientId, patch, version }: PatchClient): Promise<ClientWritten> {
    return this.change.write(clientId, version, (current) => readPatch(patch, current));
  }
}
