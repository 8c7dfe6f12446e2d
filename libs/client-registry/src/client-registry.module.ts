/** Owns the clients: their metadata, their secrets, and the proof that a request comes from one of them. */
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthenticateClientHandler } from './authenticate-client.js';
import { ClientAuthenticationLog } from './client-authentication-log.js';
import { WriteClient } from './write-client.js';
import { ClientTransaction } from './client-transaction.js';
import { GetClientHandler } from './get-client.js';
import { CheckAuthenticators } from './check-authenticators.js';
import { ListClientSecretsHandler } from './list-client-secrets.js';
import { ListClientsHandler } from './list-clients.js';
import { PatchClientHandler } from './patch-client.js';
import { ClientRegistryOptions } from './options.js';
import { ClientNotifications } from './persistence/client-notifications.js';
import { clientSecretsTable, ClientSecrets } from './persistence/client-secrets.js';
import { clientsTable, Clients } from './persistence/clients.js';
import { RegisterClientHandler } from './register-client.js';
import { ClientCache } from './client-cache.js';
import { RemoveClientHandler } from './remove-client.js';
import { RemoveClientSecretHandler } from './remove-client-secret.js';
import { ReplaceClientHandler } from './replace-client.js';
import { ResetClientSecretHandler } from './reset-client-secret.js';
import { SetClientSecretHandler } from './set-client-secret.js';

export { ClientRegistryOptions } from './options.js';

const useCases = [
  AuthenticateClientHandler,
  GetClientHandler,
  ListClientSecretsHandler,
  ListClientsHandler,
  PatchClientHandler,
  RegisterClientHandler,
  RemoveClientHandler,
  RemoveClientSecretHandler,
  ReplaceClientHandler,
  ResetClientSecretHandler,
  SetClientSecretHandler,
];

@Module({})
export class ClientRegistryModule {
  static with(options: ClientRegistryOptions): DynamicModule {
    return {
      module: ClientRegistryModule,
      imports: [TypeOrmModule.forFeature([clientsTable.entity, clientSecretsTable.entity])],
      providers: [
        { provide: ClientRegistryOptions, useValue: options },
        ...[Clients, ClientSecrets, ClientNotifications, ClientCache],
        ...[ClientAuthenticationLog, ClientTransaction, WriteClient, CheckAuthenticators],
        ...useCases,
      ],
    };
  }
}
