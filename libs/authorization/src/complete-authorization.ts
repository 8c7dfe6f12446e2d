import { Injectable } from '@nestjs/common';
import type { Session } from '#authentication/contracts.js';
import { Database } from '#database/database.js';
import type { Transaction } from '#database/transaction.js';
import { NoRowAffected, type OAuthError } from '#kernel/errors.js';
import { AuthorizationRefused, type AuthorizationResponse, type NextStep } from './contracts.js';
import { respondWithCode, respondWithError } from './domain/respond.js';
import { IssueCode } from './issue-code.js';
import { AuthorizationOptions } from './options.js';
import { type PendingRequest, requested } from './pending-request.js';
import { AuthorizationRequests } from './persistence/authorization-requests.js';

/** What is written in the transaction of the answer. */
export type Alongside = (transaction: Transaction) => void;

/** Ends an authorization request, with a code or with an error: once, however often it is asked. */
@Injectable()
export class CompleteAuthorization {
  constructor(
    private readonly database: Database,
    private readonly requests: AuthorizationRequests,
    private readonly issueCode: IssueCode,
    private readonly options: AuthorizationOptions,
  ) {}

  withCode(pending: PendingRequest, session: Session, alongside?: Alongside): Promise<NextStep> {
    return this.#once(pending, (transaction) => {
      alongside?.(transaction);
      const code = this.issueCode.issue(transaction, pending, session);
      return respondWithCode(pending.request, code, this.options.issuer);
    });
  }

  withError(pending: PendingRequest, error: OAuthError, alongside?: Alongside): Promise<NextStep> {
    return this.#once(pending, (transaction) => {
      alongside?.(transaction);
      const { clientId } = pending.request;
      const sub = pending.session?.sub ?? null;
      transaction.record(new AuthorizationRefused(clientId, { client_id: clientId, error: error.code, sub }));
      return respondWithError(pending.request, error, this.options.issuer);
    });
  }

  async #once(pending: PendingRequest, answer: (transaction: Transaction) => AuthorizationResponse): Promise<NextStep> {
    try {
      return await this.database.transaction((transaction): NextStep => {
        if (pending.stored === undefined) transaction.record(requested(pending));
        else this.requests.complete(transaction, pending.stored.handle);
        return { step: 'respond', response: answer(transaction) };
      });
    } catch (error) {
      if (error instanceof NoRowAffected) return { step: 'gone' };
      throw error;
    }
  }
}
