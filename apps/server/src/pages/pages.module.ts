import { type DynamicModule, Global, Module, type NestModule } from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Issuer } from '../http/issuer.js';
import { AccountController } from './account.controller.js';
import { IconController, StylesheetController } from './assets.controller.js';
import { ConsentController } from './consent.controller.js';
import { ErrorReferenceController } from './error-reference.controller.js';
import { HomeController } from './home.controller.js';
import { LoginController } from './login.controller.js';
import { LogoutController } from './logout.controller.js';
import { PagesOptions } from './options.js';
import { PasswordStrategy } from './password.strategy.js';
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
      providers: [{ provide: PagesOptions, useValue: options }, PasswordStrategy, PendingRequest, StepResponder],
      exports: [StepResponder],
    };
  }

  /** Runs before the routes are added. Awaiting a plugin after that would leave them without the error filter. */
  configure(): Promise<void> {
    return setUpViews(this.host.httpAdapter.getInstance(), this.issuer);
  }
}
