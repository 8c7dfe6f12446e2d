import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Session } from '#authentication/contracts.js';
import type { Transaction } from '#database/transaction.js';
import { Clock } from '#kernel/clock.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { CodeIssued } from './contracts.js';
import type { PendingRequest } from './pending-request.js';
import { AuthorizationCodes } from './persistence/authorization-codes.js';

/** Makes the code: 256 random bits, bound to everything that its redemption has to match (RFC 6749 §4.1.2, §10.5). */
@Injectable()
export class IssueCode {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly clock: Clock,
  ) {}

  issue(transaction: Transaction, { request, client }: PendingRequest, session: Session): Secret {
    const issuedAt = this.clock.now();
    const code = ExpiringSecret.create(issuedAt, client.authorization_code_lifetime);
    const grantId = uuidv7();
    this.codes.insert(transaction, code, {
      ...request,
      ...session,
      issuedAt,
      grantId,
      redirectUri: request.redirectUriSent ? request.redirectUri : undefined,
      codeChallenge: request.codeChallenge?.challenge,
      codeChallengeMethod: request.codeChallenge?.method,
    });
    const { clientId, scope } = request;
    const { sub, sid } = session;
    transaction.record(new CodeIssued(grantId, { grant_id: grantId, client_id: clientId, sub, scope: formatScope(scope), sid }));
    return code.secret;
  }
}
