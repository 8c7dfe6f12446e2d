import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { OneHandlerEach } from './bus.js';
import { Clock } from './clock.js';
import { Keyring } from './keyring.js';

/** What every module uses: the bus, the clock and the keyring. */
@Global()
@Module({})
export class KernelModule {
  static with(parts: { clock: Clock; keyring: Keyring }): DynamicModule {
    return {
      module: KernelModule,
      imports: [CqrsModule.forRoot(), DiscoveryModule],
      providers: [{ provide: Clock, useValue: parts.clock }, { provide: Keyring, useValue: parts.keyring }, OneHandlerEach],
      exports: [CqrsModule, Clock, Keyring],
    };
  }
}
