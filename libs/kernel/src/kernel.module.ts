import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { OneHandlerEach } from './bus.js';
import { Clock } from './clock.js';
import { Database } from './database.js';
import { Keyring } from './keyring.js';
import { Outbox } from './outbox.js';
import { Sweeper } from './sweeper.js';

/** What every module stands on: the bus, the clock, the database with its transactions and outbox, the keyring. */
@Global()
@Module({})
export class KernelModule {
  static with(parts: { clock: Clock; keyring: Keyring }): DynamicModule {
    return {
      module: KernelModule,
      imports: [CqrsModule.forRoot(), DiscoveryModule],
      providers: [
        { provide: Clock, useValue: parts.clock },
        { provide: Keyring, useValue: parts.keyring },
        Outbox,
        Database,
        Sweeper,
        OneHandlerEach,
      ],
      exports: [CqrsModule, Clock, Keyring, Outbox, Database, Sweeper],
    };
  }
}
