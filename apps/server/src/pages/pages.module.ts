import { type DynamicModule, Global, Module, type NestModule } from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Issuer } from '../http/issuer.js';
import { QueryBus } from '#kernel/bus.js';
import { AccountController } from './account.controller.js';
import { IconController, StylesheetController } from './assets.controller.js';
import type { AuthenticatorPage } from './authenticators/authenticator-page.js';
import { AUTHENTICATOR_PAGES, AuthenticatorPages } from './authenticators/registry.js';
import { ConsentController } from './consent.controller.js';
import { ErrorReferenceController } from './error-reference.controller.js';
import { HomeController } from './home.controller.js';
import { LoginController } from './login.controller.js';
import { LoginPage } from './login-page.js';
import { LogoutController } from './logout.controller.js';
import { PagesOptions } from './options.js';
import { PassportLogin } from './passport-login.js';
import { PendingRequest } from './pending-request.js';
import { StepResponder } from './respond-to-step.js';
import { SignupController } from './signup.controller.js';
import { setUpViews } from './views.js';

/** The pages for people, and their forms. Global, since the authorization endpoint continues with a page. */
@Global()
@Module({})
export class PagesModule implements NestModule {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly issuer: Issuer,
  ) {}

  static with(options: PagesOptions): DynamicModule {
    return {
      module: PagesModule,
      imports: [DiscoveryModule],
      controllers: [
        StylesheetController,
        IconController,
        HomeController,
        LoginController,
        SignupController,
        ConsentController,
        LogoutController,
        AccountController,
        ErrorReferenceController,
      ],
      providers: [
        { provide: PagesOptions, useValue: options },
        ...AUTHENTICATOR_PAGES,
        {
          provide: AuthenticatorPages,
          inject: [QueryBus, ...AUTHENTICATOR_PAGES],
          useFactory: (queries: QueryBus, ...pages: AuthenticatorPage[]) => new AuthenticatorPages(queries, pages),
        },
        LoginPage,
        PassportLogin,
        PendingRequest,
        StepResponder,
      ],
      exports: [StepResponder],
    };
  }

  /** Runs before the routes are added. Awaiting a plugin after that would leave them without the error filter. */
  configure(): Promise<void> {
    return setUpViews(this.host.httpAdapter.getInstance(), this.issuer);
  }
}
