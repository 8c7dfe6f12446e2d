import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BrowserSession } from './browser-session.js';
import { HealthController } from './health.controller.js';
import { Issuer } from './issuer.js';
import { RegisteredKinds } from './kinds-by-path.js';
import { Log } from './logging.js';
import { Methods } from './methods.js';

/** Providers that controllers of every room use, and the health endpoints. */
@Global()
@Module({})
export class HttpModule {
  static with(parts: { issuer: string; log: Log; methods: Methods }): DynamicModule {
    return {
      module: HttpModule,
      imports: [DiscoveryModule],
      controllers: [HealthController],
      providers: [
        { provide: Issuer, useValue: new Issuer(parts.issuer) },
        { provide: Log, useValue: parts.log },
        { provide: Methods, useValue: parts.methods },
        RegisteredKinds,
        BrowserSession,
      ],
      exports: [Issuer, Log, Methods, RegisteredKinds, BrowserSession],
    };
  }
}
