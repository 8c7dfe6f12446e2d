import { type DynamicModule, Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { AssetsController } from './assets.controller.js';
import { ConsentController } from './consent.controller.js';
import { ErrorReferenceController } from './error-reference.controller.js';
import { HomeController } from './home.controller.js';
import { LoginController } from './login.controller.js';
import { LogoutController } from './logout.controller.js';
import { PagesOptions } from './options.js';
import { PasswordStrategy } from './password.strategy.js';
import { PendingRequest } from './pending-request.js';
import { SignupController } from './signup.controller.js';

/** The pages that people see while a request of theirs goes through, and the forms on them. */
@Module({})
export class PagesModule {
  static with(options: PagesOptions): DynamicModule {
    return {
      module: PagesModule,
      controllers: [
        AssetsController,
        HomeController,
        LoginController,
        SignupController,
        ConsentController,
        LogoutController,
        AccountController,
        ErrorReferenceController,
      ],
      providers: [{ provide: PagesOptions, useValue: options }, PasswordStrategy, PendingRequest],
    };
  }
}
