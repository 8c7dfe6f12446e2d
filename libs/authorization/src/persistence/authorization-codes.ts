import { Injectable } from '@nestjs/common';
import type { Account } from '#authentication/contracts.js';
import { type AccountJson, accountOf, readAccount } from '#authentication/published/account-of.js';
import { endedForAll } from '#database/cleanup.js';
import { Database } from '#database/database.js';
import { type Executor, lookup, mustAffectRow, type Statement, type Writer } from '#database/statement.js';
import { bytes, optional, type Row, table, text, timestamp, untilExpiry, uuid } from '#database/table.js';
import type { CodeChallengeMethod } from '#kernel/protocol-names.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import { AUTHORIZED_COLUMNS } from '../published/authorized-columns.js';

/** A redeemed code is kept for a day after its expiry, so that a late replay still revokes the grant. */
const KEPT_AFTER_EXPIRY_S = 24 * 60 * 60;

export const authorizationCodesTable = table({
  name: 'authorization_codes',
  owner: 'authorization',
  retention: untilExpiry('expiresAt', { keptAfterExpiry: KEPT_AFTER_EXPIRY_S }),
  columns: {
    expiresAt: timestamp({ primary: true }),
    hash: bytes({ primary: true }),
    issuedAt: timestamp(),
    grantId: uuid(),
    ...AUTHORIZED_COLUMNS,
    nonce: optional(text()),
    /** Set if the authorization request had it (RFC 6749 §4.1.3). */
    redirectUri: optional(text()),
    codeChallenge: optional(text()),
    codeChallengeMethod: optional(text<CodeChallengeMethod>()),
    redeemedAt: optional(timestamp()),
    replayedAt: optional(timestamp()),
  },
});

type CodeRow = Row<typeof authorizationCodesTable>;

/** A code as it is issued; its key is the secret itself. */
export type NewCode = Omit<CodeRow, 'expiresAt' | 'hash' | 'redeemedAt' | 'replayedAt'>;

/** A code as it is stored, with the account of its user as it is now; `user` is undefined if the account was removed. */
export type StoredCode = CodeRow & { readonly user: Account | undefined };

type Key = Pick<CodeRow, 'expiresAt' | 'hash'>;

const find = lookup({
  name: 'authorization_codes_find',
  text: `SELECT ${authorizationCodesTable.columns()}, ${accountOf('authorization_codes.sub')} AS account
         FROM authorization_codes WHERE expires_at = $1 AND hash = $2`,
});

const redeem = mustAffectRow({
  name: 'authorization_codes_redeem',
  text: 'UPDATE authorization_codes SET redeemed_at = $3 WHERE expires_at = $1 AND hash = $2 AND redeemed_at IS NULL RETURNING 1',
});

/** Waits for a redemption that is in flight: if that one succeeds, this attempt is a replay, whatever else is wrong with it. */
const markReplayed: Statement = {
  name: 'authorization_codes_mark_replayed',
  text: `WITH held AS (
           SELECT redeemed_at IS NOT NULL AS spent FROM authorization_codes WHERE expires_at = $1 AND hash = $2 FOR UPDATE)
         UPDATE authorization_codes SET replayed_at = $3 FROM held
         WHERE expires_at = $1 AND hash = $2 AND held.spent AND replayed_at IS NULL RETURNING 1`,
};

// Only codes that can still be redeemed: they are few, at the end of the index, and not those that the cleanup may hold.
const deleteUnredeemed: Statement = {
  name: 'authorization_codes_delete_unredeemed',
  text: 'DELETE FROM authorization_codes WHERE expires_at > $3 AND sub = $1 AND client_id = $2 AND redeemed_at IS NULL',
};

const deleteIssuedBefore: Statement = {
  name: 'authorization_codes_delete_issued_before',
  text: 'DELETE FROM authorization_codes WHERE expires_at > $2 AND sub = $1 AND issued_at <= $2 AND redeemed_at IS NULL',
};

/** Authorization codes by hash: valid once, and kept for a while so that a replay is recognised (RFC 6749 §4.1.2). */
@Injectable()
export class AuthorizationCodes {
  constructor(private readonly database: Database) {}

  insert(on: Writer, code: ExpiringSecret, issued: NewCode): void {
    on.enqueue(authorizationCodesTable.insert, authorizationCodesTable.values({ ...issued, expiresAt: code.expiresAt, hash: code.hash() }));
  }

  /** Undefined if no such code is stored. */
  async find(code: ExpiringSecret): Promise<StoredCode | undefined> {
    const key = [code.expiresAt, code.hash()];
    const [row] = await this.database.query<CodeRow & { readonly account: AccountJson | null }>(find, key);
    return row && { ...authorizationCodesTable.read(row), user: readAccount(row.account) };
  }

  /** Marks the code redeemed. Of several concurrent redemptions exactly one succeeds; the others meet `NoRowAffected`. */
  redeem(on: Writer, { expiresAt, hash }: Key, now: Date): void {
    on.enqueue(redeem, [expiresAt, hash, now]);
  }

  /** True for the first replay of a redeemed code. The others change nothing more. */
  async markReplayed(on: Executor, { expiresAt, hash }: Key, now: Date): Promise<boolean> {
    // After this time the cleanup may hold the row, and no request must wait for that.
    const isKept = expiresAt.getTime() + KEPT_AFTER_EXPIRY_S * 1000 > now.getTime();
    return isKept && (await on.query(markReplayed, [expiresAt, hash, now])).length === 1;
  }

  /** The codes from this user to this client that were not redeemed become unknown. */
  deleteUnredeemed(on: Writer, sub: string, clientId: string, now: Date): void {
    on.enqueue(deleteUnredeemed, [sub, clientId, endedForAll(now)]);
  }

  /** The codes from this user that were issued until then and not redeemed become unknown. */
  async deleteIssuedBefore(on: Executor, sub: string, until: Date): Promise<void> {
    await on.query(deleteIssuedBefore, [sub, until]);
  }
}
