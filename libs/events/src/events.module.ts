import { type DynamicModule, Module } from '@nestjs/common';

export class EventsOptions {
  constructor(readonly issuer: string) {}
}

@Module({})
export class EventsModule {
  static with(options: EventsOptions): DynamicModule {
    return { module: EventsModule, providers: [{ provide: EventsOptions, useValue: options }] };
  }
}
