import { type DynamicModule, Module } from '@nestjs/common';

export class ClientRegistryOptions {
  constructor(
    /** `strict` refuses a request that offers its credentials twice, even equal ones (RFC 6749 §2.3). */
    readonly clientAuthentication: 'lenient' | 'strict',
  ) {}
}

@Module({})
export class ClientRegistryModule {
  static with(options: ClientRegistryOptions): DynamicModule {
    return { module: ClientRegistryModule, providers: [{ provide: ClientRegistryOptions, useValue: options }] };
  }
}
