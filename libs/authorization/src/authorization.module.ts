import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '#database/database.module.js';
import { BeginAuthorizationHandler } from './begin-authorization.js';
import { CompleteAuthorization } from './complete-authorization.js';
import { ConsentAnswers, DecideConsentHandler } from './decide-consent.js';
import { ContinueAuthorizationHandler, Dispatcher } from './dispatcher.js';
import { IssueCode } from './issue-code.js';
import { DeleteCodes, DeleteConsents, ListConsentsOfHandler, WithdrawConsentHandler } from './manage-consents.js';
import { AuthorizationOptions } from './options.js';
import { StoreRequest } from './pending-request.js';
import { GetPendingRequestHandler, PendingRequests } from './pending-requests.js';
import { AuthorizationCodes, authorizationCodesTable } from './persistence/authorization-codes.js';
import { AuthorizationRequests, authorizationRequestsTable } from './persistence/authorization-requests.js';
import { Consents, consentsTable } from './persistence/consents.js';
import { RedeemCodeHandler } from './redeem-code.js';

export { AuthorizationOptions } from './options.js';

const tables = [authorizationRequestsTable, authorizationCodesTable, consentsTable];
const stores = [AuthorizationRequests, AuthorizationCodes, Consents];
const steps = [PendingRequests, StoreRequest, Dispatcher, IssueCode, CompleteAuthorization, ConsentAnswers];
const eventHandlers = [DeleteCodes, DeleteConsents];
const useCases = [
  BeginAuthorizationHandler,
  ContinueAuthorizationHandler,
  DecideConsentHandler,
  GetPendingRequestHandler,
  ListConsentsOfHandler,
  RedeemCodeHandler,
  WithdrawConsentHandler,
];

/** Owns authorization requests, consents and codes, from the arrival of a request to the redemption of its code. */
@Module({})
export class AuthorizationModule {
  static with(options: AuthorizationOptions): DynamicModule {
    return {
      module: AuthorizationModule,
      imports: [DatabaseModule.forTables(tables)],
      providers: [{ provide: AuthorizationOptions, useValue: options }, ...stores, ...steps, ...eventHandlers, ...useCases],
    };
  }
}
