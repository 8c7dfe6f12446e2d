/** Owns the clients: their metadata, their secrets, and the proof that a request comes from one of them. */
import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthenticateClientHandler, GetClientAuthenticationMethodsHandler } from './authenticate-client.js';
import { AuthenticationRecord } from './authentication-record.js';
import { ClientRegistryOptions } from './client-registry-options.js';
import { GetClientHandler } from './get-client.js';
import { ClientChanges } from './persistence/client-changes.js';
import { ClientSecretEntity, ClientSecrets } from './persistence/client-secrets.js';
import { ClientEntity, Clients } from './persistence/clients.js';
import { RememberedClients } from './remembered-clients.js';

export { ClientRegistryOptions } from './client-registry-options.js';

const useCases = [AuthenticateClientHandler, GetClientAuthenticationMethodsHandler, GetClientHandler];

@Module({})
export class ClientRegistryModule {
  static with(options: ClientRegistryOptions): DynamicModule {
    return {
      module: ClientRegistryModule,
      imports: [TypeOrmModule.forFeature([ClientEntity, ClientSecretEntity])],
      providers: [
        { provide: ClientRegistryOptions, useValue: options },
        ...[Clients, ClientSecrets, ClientChanges, RememberedClients, AuthenticationRecord],
        ...useCases,
      ],
    };
  }
}
