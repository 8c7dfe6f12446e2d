import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '#kernel/clock.js';
import type { Transaction } from '#database/transaction.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import type { Method } from './authenticators/authenticator.js';
import { LoginSucceeded, type Session, SessionEnded, SessionStarted } from './contracts.js';
import { AuthenticationOptions } from './options.js';
import { Sessions } from './persistence/sessions.js';

/** Begins a session after a proof, always under a new secret, so that one planted before the login is worth nothing. */
@Injectable()
export class StartSession {
  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly options: AuthenticationOptions,
  ) {}

  /**
   * The session and its secret. The transaction meets `NoRowAffected` where the account is locked or removed, or its password
   * is no longer the one that was proved. The session of `previous` ends with it.
   */
  async in(
    transaction: Transaction,
    start: { sub: string; passwordHash: string; by: Method; previous: Secret | undefined },
  ): Promise<{ session: Session; secret: Secret }> {
    const { sub, passwordHash, by, previous } = start;
    const now = this.clock.now();
    const secret = ExpiringSecret.create(now, this.options.sessionAbsoluteLifetime);
    const { name, acr, amr } = by;
    const session: Session = { sid: uuidv7({ msecs: now.getTime() }), sub, authenticator: name, acr, amr, authTime: now };

    // The account's row is taken before any session's: a lock of the account goes the same way.
    this.sessions.insert(transaction, secret, session, passwordHash);
    await this.#endPrevious(transaction, previous, now);
    transaction.record(
      new LoginSucceeded(sub, { sub, sid: session.sid, authenticator: name }),
      new SessionStarted(sub, { sub, sid: session.sid }),
    );
    return { session, secret: secret.secret };
  }

  async #endPrevious(transaction: Transaction, previous: Secret | undefined, now: Date): Promise<void> {
    const secret = previous && ExpiringSecret.parse(previous.reveal());
    const ended = secret && (await this.sessions.end(transaction, secret, now));
    if (ended) transaction.record(new SessionEnded(ended.sub, { ...ended, reason: 'new-login' }));
  }
}
