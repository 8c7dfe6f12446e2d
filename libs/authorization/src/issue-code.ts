import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Session } from '#authentication/contracts.js';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { formatScope } from '#kernel/scope.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { CodeIssued } from './contracts.js';
import type { Pending } from './pending.js';
import { AuthorizationCodes } from './persistence/authorization-codes.js';

/** Makes the code: 256 random bits, bound to all that its redemption has to meet (RFC 6749 §4.1.2, §10.5). */
@Injectable()
export class IssueCode {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly clock: Clock,
  ) {}

  issue(transaction: Transaction, { request, client }: Pending, session: Session): Secret {
    const now = this.clock.now();
    const code = ExpiringSecret.create(now, client.authorization_code_lifetime);
    const grantId = uuidv7();
    this.codes.insert(transaction, code, {
      issuedAt: now,
      grantId,
      clientId: request.clientId,
      sub: session.sub,
      scope: request.scope,
      nonce: request.nonce,
      claims: request.claims,
      session,
      redirectUri: request.redirectUriSent ? request.redirectUri : undefined,
      codeChallenge: request.codeChallenge,
    });
    transaction.record(
      new CodeIssued(grantId, {
        grant_id: grantId,
        client_id: request.clientId,
        sub: session.sub,
        scope: formatScope(request.scope),
        sid: session.sid,
      }),
    );
    return code.secret;
  }
}
