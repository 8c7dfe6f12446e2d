/** Owns the clients: their metadata, their secrets, and the proof that a request comes from one of them. */
import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#database/database.module.js';
import { Clock } from '#kernel/clock.js';
import {
  ListClientSecretsHandler,
  RemoveClientSecretHandler,
  ResetClientSecretHandler,
} from './administer-client-secrets.js';
import { AuthenticateClientHandler } from './authenticate-client.js';
import type { ClientAuthenticationMethod } from './authentication-methods/authentication-method.js';
import { ClientAuthenticationMethods, METHOD_PROVIDERS } from './authentication-methods/registry.js';
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
    const methods = {
      provide: ClientAuthenticationMethods,
      inject: [Clock, ...METHOD_PROVIDERS],
      useFactory: (clock: Clock, ...each: ClientAuthenticationMethod[]) => new ClientAuthenticationMethods(clock, each),
    };
    return {
      module: ClientRegistryModule,
      imports: [DatabaseModule.forTables([clientsTable, clientSecretsTable])],
      providers: [
        { provide: ClientRegistryOptions, useValue: options },
        ...[Clients, ClientSecrets, ClientNotifications, ClientCache],
        ...[ClientAuthenticationLog, ClientTransaction, WriteClient, CheckAuthenticators],
        ...METHOD_PROVIDERS,
        methods,
        ...useCases,
      ],
    };
  }
}
