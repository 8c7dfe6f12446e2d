import { Module } from '@nestjs/common';
import { ConsentController } from './consent.controller.js';
import { LoginController } from './login.controller.js';
import { LogoutController } from './logout.controller.js';
import { PasswordStrategy } from './password.strategy.js';
import { PendingRequest } from './pending-request.js';
import { SignupController } from './signup.controller.js';

/** The pages that people see while a request of theirs goes through, and the forms on them. */
@Module({
  controllers: [LoginController, SignupController, ConsentController, LogoutController],
  providers: [PasswordStrategy, PendingRequest],
})
export class PagesModule {}
