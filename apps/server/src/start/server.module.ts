import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { AuthenticationModule, AuthenticationOptions } from '#authentication/authentication.module.js';
import { AuthorizationModule, AuthorizationOptions } from '#authorization/authorization.module.js';
import { ClientRegistryModule, ClientRegistryOptions } from '#client-registry/client-registry.module.js';
import { EventsModule, EventsOptions } from '#events/events.module.js';
import { DatabaseModule } from '#database/database.module.js';
import type { Clock } from '#kernel/clock.js';
import { KernelModule } from '#kernel/kernel.module.js';
import type { Keyring } from '#kernel/keyring.js';
import { TokenModule, TokenOptions } from '#token/token.module.js';
import { AdminModule } from '../admin/admin.module.js';
import type { Config } from '../config/config.js';
import { ErrorFilter } from '../http/error-filter.js';
import { HttpModule } from '../http/http.module.js';
import type { Log } from '../http/logging.js';
import type { Methods } from '../http/methods.js';
import { OAuthModule } from '../oauth/oauth.module.js';
import { PagesOptions } from '../pages/options.js';
import { PagesModule } from '../pages/pages.module.js';
import { TelemetryModule } from '../telemetry/telemetry.module.js';

const HOUR = 3600;

export interface ServerParts {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly log: Log;
  readonly methods: Methods;
}

/** All rooms of the house, and the edge in front of them. */
@Module({})
export class ServerModule {
  static with({ config, databaseUrl, clock, keyring, log, methods }: ServerParts): DynamicModule {
    const { issuer, clientAuthentication } = config;
    return {
      module: ServerModule,
      imports: [
        KernelModule.with({ clock, keyring }),
        DatabaseModule.with(databaseUrl),
        ClientRegistryModule.with(new ClientRegistryOptions(clientAuthentication)),
        AuthenticationModule.with(new AuthenticationOptions(HOUR, 12 * HOUR)),
        AuthorizationModule.with(new AuthorizationOptions(issuer)),
        TokenModule.with(new TokenOptions(issuer)),
        EventsModule.with(new EventsOptions(issuer)),
        HttpModule.with({ issuer, log, methods }),
        TelemetryModule.with({ onMainPort: config.metrics === 'main-port' }),
        OAuthModule,
        PagesModule.with(new PagesOptions(config.demo)),
        AdminModule,
      ],
      providers: [{ provide: APP_FILTER, useClass: ErrorFilter }],
    };
  }
}
