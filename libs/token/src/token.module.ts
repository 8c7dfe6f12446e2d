import { type DynamicModule, Module } from '@nestjs/common';

export class TokenOptions {
  constructor(readonly issuer: string) {}
}

@Module({})
export class TokenModule {
  static with(options: TokenOptions): DynamicModule {
    return { module: TokenModule, providers: [{ provide: TokenOptions, useValue: options }] };
  }
}
