import { type DynamicModule, Global, Module } from '@nestjs/common';
import { BrowserSession } from './browser-session.js';
import { HealthController } from './health.controller.js';
import { Issuer } from './issuer.js';
import { Log } from './logging.js';
import { Methods } from './methods.js';

/** What every controller of the edge stands on. */
@Global()
@Module({})
export class HttpModule {
  static with(parts: { issuer: string; log: Log; methods: Methods }): DynamicModule {
    return {
      module: HttpModule,
      controllers: [HealthController],
      providers: [
        { provide: Issuer, useValue: new Issuer(parts.issuer) },
        { provide: Log, useValue: parts.log },
        { provide: Methods, useValue: parts.methods },
        BrowserSession,
      ],
      exports: [Issuer, Log, Methods, BrowserSession],
    };
  }
}
