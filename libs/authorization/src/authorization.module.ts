import { type DynamicModule, Module } from '@nestjs/common';

export class AuthorizationOptions {
  constructor(readonly issuer: string) {}
}

@Module({})
export class AuthorizationModule {
  static with(options: AuthorizationOptions): DynamicModule {
    return { module: AuthorizationModule, providers: [{ provide: AuthorizationOptions, useValue: options }] };
  }
}
