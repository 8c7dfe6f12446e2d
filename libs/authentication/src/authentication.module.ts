import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#database/database.module.js';
import { ChangeAccountHandler, CreateAccountHandler, RemoveAccountHandler } from './administer-accounts.js';
import { ApplyChange } from './apply-change.js';
import type { Authenticator } from './authenticators/authenticator.js';
import { AUTHENTICATORS, Authenticators } from './authenticators/registry.js';
import { ChangePasswordHandler, ProvePassword, ReplacePassword } from './change-password.js';
import { EndSessionHandler } from './end-session.js';
import { EndSessionByIdHandler } from './end-session-by-id.js';
import { EndAllSessions } from './end-all-sessions.js';
import { GetSessionHandler } from './get-session.js';
import { ListSessionsOfHandler } from './list-sessions-of.js';
import { LogInHandler } from './log-in.js';
import { OpenAccount } from './open-account.js';
import { AuthenticationOptions } from './options.js';
import { PasswordHashing } from './password-hashing.js';
import { Accounts, accountsTable } from './persistence/accounts.js';
import { LoginFailures, loginFailuresTable } from './persistence/login-failures.js';
import { Sessions, sessionsTable } from './persistence/sessions.js';
import { GetAccountHandler, ListAccountsHandler } from './read-accounts.js';
import { SignUpHandler } from './sign-up.js';
import { LoginThrottle } from './login-throttle.js';
import { StartSession } from './start-session.js';
import { BeginLoginHandler, GetAuthenticatorsHandler } from './use-authenticators.js';

export { AuthenticationOptions } from './options.js';

const HANDLERS = [
  BeginLoginHandler,
  ChangeAccountHandler,
  ChangePasswordHandler,
  CreateAccountHandler,
  EndSessionHandler,
  EndSessionByIdHandler,
  GetAccountHandler,
  GetAuthenticatorsHandler,
  GetSessionHandler,
  ListAccountsHandler,
  ListSessionsOfHandler,
  LogInHandler,
  RemoveAccountHandler,
  SignUpHandler,
];
const STORES = [Accounts, LoginFailures, Sessions];
const STEPS = [ApplyChange, EndAllSessions, OpenAccount, PasswordHashing, ProvePassword, ReplacePassword, LoginThrottle, StartSession];

@Module({})
export class AuthenticationModule {
  static with(options: AuthenticationOptions): DynamicModule {
    return {
      module: AuthenticationModule,
      imports: [DatabaseModule.forTables([accountsTable, loginFailuresTable, sessionsTable])],
      providers: [
        { provide: AuthenticationOptions, useValue: options },
        ...AUTHENTICATORS,
        {
          provide: Authenticators,
          useFactory: (...authenticators: Authenticator[]) => new Authenticators(authenticators),
          inject: [...AUTHENTICATORS],
        },
        ...HANDLERS,
        ...STORES,
        ...STEPS,
      ],
    };
  }
}
