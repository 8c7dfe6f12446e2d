/** Owns the clients: their metadata, their secrets, and the proof that a request comes from one of them. */
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  ListClientSecretsHandler,
  RemoveClientSecretHandler,
  ResetClientSecretHandler,
} from './administer-client-secrets.js';
import { AuthenticateClientHandler } from './authenticate-client.js';
import { PatchClientHandler, RemoveClientHandler, ReplaceClientHandler, WriteClient } from './change-client.js';
import { CheckAuthenticators } from './check-authenticators.js';
import { ClientAuthenticationLog } from './client-authentication-log.js';
import { ClientCache } from './client-cache.js';
import { ClientTransaction } from './client-transaction.js';
import { ClientRegistryOptions } from './options.js';
import { ClientNotifications } from './persistence/client-notifications.js';
import { ClientSecrets, clientSecretsTable } from './persistence/client-secrets.js';
import { Clients, clientsTable } from './persistence/clients.js';
import { GetClientHandler, ListClientsHandler } from './read-clients.js';
import { RegisterClientHandler } from './register-client.js';
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
