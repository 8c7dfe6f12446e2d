import { type DynamicModule, Module } from '@nestjs/common';

export class AuthenticationOptions {
  constructor(
    /** Seconds without use after which a session ends. */
    readonly sessionIdleLifetime: number,
    /** Seconds after the login at which a session ends. */
    readonly sessionAbsoluteLifetime: number,
  ) {}
}

@Module({})
export class AuthenticationModule {
  static with(options: AuthenticationOptions): DynamicModule {
    return { module: AuthenticationModule, providers: [{ provide: AuthenticationOptions, useValue: options }] };
  }
}
