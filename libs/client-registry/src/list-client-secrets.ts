import { HandlesQuery } from '#kernel/bus.js';
import { type ClientSecret, ListClientSecrets } from './contracts.js';
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
