import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Transaction } from '#database/transaction.js';
import { Clock } from '#kernel/clock.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { LoginSucceeded, type Session, SessionEnded, SessionStarted, type UsedMethod } from './contracts.js';
import { sessionOf } from './domain/session.js';
import { AuthenticationOptions } from './options.js';
import { Sessions } from './persistence/sessions.js';

interface NewSession {
  readonly sub: string;
  readonly method: Omit<UsedMethod, 'at'>;
  /** The session of the browser before, which ends. */
  readonly previous: Secret | undefined;
}

/** Begins a session after a proof, always under a new secret: one that was planted in the browser before the login is worthless. */
@Injectable()
export class StartSession {
  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly options: AuthenticationOptions,
  ) {}

  /** The session and its secret. The transaction ends with `NoRowAffected` if the account is locked or removed. */
  async in(transaction: Transaction, { sub, method, previous }: NewSession): Promise<{ session: Session; secret: Secret }> {
    const now = this.clock.now();
    const secret = ExpiringSecret.create(now, this.options.sessionAbsoluteLifetime);
    const session = sessionOf({ sid: uuidv7({ msecs: now.getTime() }), sub, methods: [{ ...method, at: now }] });
    const { sid } = session;
    // The row of the account is locked before any row of a session: a lock of the account does the same.
    this.sessions.insert(transaction, secret, session);
    await this.#endPrevious(transaction, previous, now);
    transaction.record(
      new LoginSucceeded(sub, { sub, sid, authenticator: method.authenticator }),
      new SessionStarted(sub, { sub, sid }),
    );
    return { session, secret: secret.secret };
  }

  async #endPrevious(transaction: Transaction, previous: Secret | undefined, now: Date): Promise<void> {
    const secret = previous && ExpiringSecret.parse(previous.reveal());
    const ended = secret && (await this.sessions.end(transaction, secret, now));
    if (ended) transaction.record(new SessionEnded(ended.sub, { ...ended, reason: 'new-login' }));
  }
}
