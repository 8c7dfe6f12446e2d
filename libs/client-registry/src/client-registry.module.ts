/** Owns the clients: their metadata, their secrets, and the proof that a request comes from one of them. */
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthenticateClientHandler, GetClientAuthenticationMethodsHandler } from './authenticate-client.js';
import { AuthenticationRecord } from './authentication-record.js';
import { ClientChange } from './client-change.js';
import { ClientTransaction } from './client-transaction.js';
import { GetClientHandler } from './get-client.js';
import { KnownAuthenticators } from './known-authenticators.js';
import { ListClientSecretsHandler } from './list-client-secrets.js';
import { ListClientsHandler } from './list-clients.js';
import { PatchClientHandler } from './patch-client.js';
import { ClientRegistryOptions } from './options.js';
import { ClientChanges } from './persistence/client-changes.js';
import { clientSecretsTable, ClientSecrets } from './persistence/client-secrets.js';
import { clientsTable, Clients } from './persistence/clients.js';
import { RegisterClientHandler } from './register-client.js';
import { RememberedClients } from './remembered-clients.js';
import { RemoveClientHandler } from './remove-client.js';
import { RemoveClientSecretHandler } from './remove-client-secret.js';
import { ReplaceClientHandler } from './replace-client.js';
import { ResetClientSecretHandler } from './reset-client-secret.js';
import { SetClientSecretHandler } from './set-client-secret.js';

export { ClientRegistryOptions } from './options.js';

const useCases = [
  AuthenticateClientHandler,
  GetClientAuthenticationMethodsHandler,
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
      imports: [TypeOrmModule.forFeature([clientsTable, clientSecretsTable])],
      providers: [
        { provide: ClientRegistryOptions, useValue: options },
        ...[Clients, ClientSecrets, ClientChanges, RememberedClients],
        ...[AuthenticationRecord, ClientTransaction, ClientChange, KnownAuthenticators],
        ...useCases,
      ],
    };
  }
}
