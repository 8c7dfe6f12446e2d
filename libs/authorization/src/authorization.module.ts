import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BeginAuthorizationHandler } from './begin-authorization.js';
import { CompleteAuthorization } from './complete-authorization.js';
import { ContinueAuthorizationHandler } from './continue-authorization.js';
import { ConsentAnswers, DecideConsentHandler } from './decide-consent.js';
import { Dispatcher } from './dispatcher.js';
import { DeleteCodes } from './delete-codes.js';
import { DeleteConsents } from './delete-consents.js';
import { GetPendingAuthorizationHandler } from './get-pending-request.js';
import { IssueCode } from './issue-code.js';
import { ListConsentsOfHandler } from './list-consents-of.js';
import { AuthorizationOptions } from './options.js';
import { PendingAuthorizations } from './pending-requests.js';
import { AuthorizationCodes, authorizationCodesTable } from './persistence/authorization-codes.js';
import { AuthorizationRequests, authorizationRequestsTable } from './persistence/authorization-requests.js';
import { Consents, consentsTable } from './persistence/consents.js';
import { RedeemCodeHandler } from './redeem-code.js';
import { StoreRequest } from './store-request.js';
import { WithdrawConsentHandler } from './withdraw-consent.js';

export { AuthorizationOptions } from './options.js';

/** Owns authorization requests, consents and codes, from the first look at a request to the redemption of its code. */
@Module({})
export class AuthorizationModule {
  static with(options: AuthorizationOptions): DynamicModule {
    return {
      module: AuthorizationModule,
      imports: [TypeOrmModule.forFeature([authorizationRequestsTable, authorizationCodesTable, consentsTable])],
      providers: [
        { provide: AuthorizationOptions, useValue: options },
        AuthorizationRequests,
        AuthorizationCodes,
        Consents,
        PendingAuthorizations,
        Dispatcher,
        StoreRequest,
        IssueCode,
        CompleteAuthorization,
        ConsentAnswers,
        DeleteCodes,
        DeleteConsents,
        BeginAuthorizationHandler,
        ContinueAuthorizationHandler,
        DecideConsentHandler,
        GetPendingAuthorizationHandler,
        ListConsentsOfHandler,
        RedeemCodeHandler,
        WithdrawConsentHandler,
      ],
    };
  }
}
