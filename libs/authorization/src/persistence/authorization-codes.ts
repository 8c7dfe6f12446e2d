import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { type Account, type AccountJson, accountOf, readAccount } from '#authentication/contracts.js';
import { Database } from '#database/database.js';
import { type Executor, insertion, lookup, mustAffectRow, type Statement, type Writer } from '#database/statement.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import { formatScope, scopeTokens } from '#kernel/scope.js';
import { endedForAll, deleteExpired, Cleanup } from '#database/cleanup.js';
import type { AuthorizedGrant, RedeemCode } from '../contracts.js';
import type { CodeChallenge } from '../domain/authorization-request.js';
import type { ClaimsRequest } from '../domain/claims-request.js';
import { challengeOf } from '../domain/pkce.js';

/** A spent code is remembered for a day after its expiry, so that a late replay still ends what it brought. */
const KEPT_AFTER_EXPIRY_S = 24 * 60 * 60;

interface Row {
  expires_at: Date;
  hash: Buffer;
  issued_at: Date;
  grant_id: string;
  client_id: string;
  sub: string;
  scope: string;
  redirect_uri: string | null;
  code_challenge: string | null;
  code_challenge_method: string | null;
  nonce: string | null;
  claims: ClaimsRequest | null;
  sid: string;
  authenticator: string;
  acr: string;
  amr: string[];
  auth_time: Date;
  redeemed_at: Date | null;
  replayed_at: Date | null;
}

export const authorizationCodesTable = new EntitySchema<Row>({
  name: 'AuthorizationCode',
  tableName: 'authorization_codes',
  columns: {
    expires_at: { type: 'timestamptz', primary: true },
    hash: { type: 'bytea', primary: true },
    issued_at: { type: 'timestamptz' },
    grant_id: { type: 'uuid' },
    client_id: { type: 'text' },
    sub: { type: 'text' },
    scope: { type: 'text' },
    redirect_uri: { type: 'text', nullable: true },
    code_challenge: { type: 'text', nullable: true },
    code_challenge_method: { type: 'text', nullable: true },
    nonce: { type: 'text', nullable: true },
    claims: { type: 'jsonb', nullable: true },
    sid: { type: 'uuid' },
    authenticator: { type: 'text' },
    acr: { type: 'text' },
    amr: { type: 'text', array: true },
    auth_time: { type: 'timestamptz' },
    redeemed_at: { type: 'timestamptz', nullable: true },
    replayed_at: { type: 'timestamptz', nullable: true },
  },
});

const insert = insertion({
  name: 'authorization_codes_insert',
  text: `INSERT INTO authorization_codes (expires_at, hash, issued_at, grant_id, client_id, sub, scope, redirect_uri, code_challenge,
           code_challenge_method, nonce, claims, sid, authenticator, acr, amr, auth_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
});

/** What makes an `AuthorizedGrant`. */
const GRANT = 'grant_id, client_id, sub, scope, nonce, claims, sid, authenticator, acr, amr, auth_time';

/** Everything that a rightful redemption must meet stands in the WHERE clause: what it finds may be claimed. */
const findRedeemable = lookup({
  name: 'authorization_codes_find_redeemable',
  text: `SELECT ${GRANT}, ${accountOf('authorization_codes.sub')} AS account FROM authorization_codes
         WHERE expires_at = $1 AND hash = $2 AND redeemed_at IS NULL AND client_id = $3 AND issued_at >= $4
           AND redirect_uri IS NOT DISTINCT FROM $5
           AND code_challenge IS NOT DISTINCT FROM CASE code_challenge_method WHEN 'S256' THEN $6 ELSE $7 END`,
});

/** Nothing of a code changes but that it is spent, or gone. */
const redeem = mustAffectRow({
  name: 'authorization_codes_redeem',
  text: 'UPDATE authorization_codes SET redeemed_at = $3 WHERE expires_at = $1 AND hash = $2 AND redeemed_at IS NULL RETURNING 1',
});

const find: Statement = {
  name: 'authorization_codes_find',
  text: 'SELECT * FROM authorization_codes WHERE expires_at = $1 AND hash = $2',
};

/** Waits for a redemption that is under way: this one may be refused for a reason that has nothing to do with it, and is a replay still. */
const markReplayed: Statement = {
  name: 'authorization_codes_mark_replayed',
  text: `WITH held AS (
           SELECT redeemed_at IS NOT NULL AS spent FROM authorization_codes WHERE expires_at = $1 AND hash = $2 FOR UPDATE)
         UPDATE authorization_codes SET replayed_at = $3 FROM held
         WHERE expires_at = $1 AND hash = $2 AND held.spent AND replayed_at IS NULL AND client_id = $4 AND issued_at >= $5
         RETURNING grant_id, client_id`,
};

// Of those that can still be redeemed: they are few, at the end of the index, and far from what the sweep may hold.
const deleteUnredeemed: Statement = {
  name: 'authorization_codes_forget_unspent',
  text: 'DELETE FROM authorization_codes WHERE expires_at > $3 AND sub = $1 AND client_id = $2 AND redeemed_at IS NULL',
};

const deleteIssuedBefore: Statement = {
  name: 'authorization_codes_forget_older',
  text: 'DELETE FROM authorization_codes WHERE expires_at > $2 AND sub = $1 AND issued_at <= $2 AND redeemed_at IS NULL',
};

type GrantRow = Pick<
  Row,
  'grant_id' | 'client_id' | 'sub' | 'scope' | 'nonce' | 'claims' | 'sid' | 'authenticator' | 'acr' | 'amr' | 'auth_time'
>;

/** What the code was good for, with the account of its user as it is now; undefined where it was removed. */
export interface RedeemedCode {
  readonly grant: AuthorizedGrant;
  readonly user: Account | undefined;
}

export interface NewCode extends AuthorizedGrant {
  readonly issuedAt: Date;
  readonly redirectUri: string | undefined;
  readonly codeChallenge: CodeChallenge | undefined;
}

/** A code as it stands; `redeemedAt` tells whether it was spent. */
export interface StoredCode extends NewCode {
  readonly redeemedAt: Date | undefined;
}

/** Authorization codes by hash: valid once, and then remembered for their replay (RFC 6749 §4.1.2). */
@Injectable()
export class AuthorizationCodes {
  constructor(
    private readonly database: Database,
    cleanup: Cleanup,
  ) {
    cleanup.add(deleteExpired('authorization_codes'), KEPT_AFTER_EXPIRY_S);
  }

  /** The codes from this user to this client that were not redeemed become unknown. */
  deleteUnredeemed(on: Writer, sub: string, clientId: string, now: Date): void {
    on.enqueue(deleteUnredeemed, [sub, clientId, endedForAll(now)]);
  }

  /** The codes from this user that were issued until then and not redeemed become unknown. */
  async deleteIssuedBefore(on: Executor, sub: string, until: Date): Promise<void> {
    await on.query(deleteIssuedBefore, [sub, until]);
  }

  insert(on: Writer, code: ExpiringSecret, issued: NewCode): void {
    const { session, codeChallenge } = issued;
    on.enqueue(insert, [
      ...key(code),
      issued.issuedAt,
      issued.grantId,
      issued.clientId,
      issued.sub,
      formatScope(issued.scope),
      issued.redirectUri ?? null,
      codeChallenge?.challenge ?? null,
      codeChallenge?.method ?? null,
      issued.nonce ?? null,
      issued.claims === undefined ? null : JSON.stringify(issued.claims),
      session.sid,
      session.authenticator,
      session.acr,
      session.amr,
      session.authTime,
    ]);
  }

  /** What the code is good for, where this redemption fits in everything; undefined where it does not, or the code is spent. */
  async findRedeemable(code: ExpiringSecret, by: RedeemCode['redemption']): Promise<RedeemedCode | undefined> {
    const { redirectUri, codeVerifier } = by;
    const challenges = codeVerifier === undefined ? [null, null] : [challengeOf(codeVerifier, 'S256'), challengeOf(codeVerifier, 'plain')];
    const values = [...key(code), ...owner(by), redirectUri ?? null, ...challenges];
    const [row] = await this.database.query<GrantRow & { account: AccountJson | null }>(findRedeemable, values);
    return row && { grant: toGrant(row), user: readAccount(row.account) };
  }

  /** A claim: one caller wins it. */
  redeem(on: Writer, code: ExpiringSecret, now: Date): void {
    on.enqueue(redeem, [...key(code), now]);
  }

  async find(on: Executor, code: ExpiringSecret): Promise<StoredCode | undefined> {
    const [row] = await on.query<Row>(find, key(code));
    return row && toCode(row);
  }

  /** Whether a replay of the code would still be known for one. */
  remembers(code: ExpiringSecret, now: Date): boolean {
    return code.expiresAt.getTime() + KEPT_AFTER_EXPIRY_S * 1000 > now.getTime();
  }

  /** The grant that the spent code brought, for the first replay by its client; undefined for the others, who change nothing more. */
  async markReplayed(
    on: Executor,
    code: ExpiringSecret,
    by: RedeemCode['redemption'],
    now: Date,
  ): Promise<Pick<AuthorizedGrant, 'grantId' | 'clientId'> | undefined> {
    const [row] = await on.query<Pick<Row, 'grant_id' | 'client_id'>>(markReplayed, [...key(code), now, ...owner(by)]);
    return row && { grantId: row.grant_id, clientId: row.client_id };
  }
}

function key(code: ExpiringSecret): [Date, Buffer] {
  return [code.expiresAt, code.hash()];
}

/** A client that was registered anew under an old ID inherits no codes: those are older than it. */
function owner({ clientId, clientCreatedAt }: RedeemCode['redemption']): [string, Date] {
  return [clientId, clientCreatedAt];
}

function toGrant(row: GrantRow): AuthorizedGrant {
  return {
    grantId: row.grant_id,
    clientId: row.client_id,
    sub: row.sub,
    scope: scopeTokens(row.scope),
    nonce: row.nonce ?? undefined,
    claims: row.claims ?? undefined,
    session: { sid: row.sid, authenticator: row.authenticator, acr: row.acr, amr: row.amr, authTime: row.auth_time },
  };
}

function toCode(row: Row): StoredCode {
  return {
    ...toGrant(row),
    issuedAt: row.issued_at,
    redirectUri: row.redirect_uri ?? undefined,
    codeChallenge:
      row.code_challenge === null
        ? undefined
        : { challenge: row.code_challenge, method: row.code_challenge_method === 'S256' ? 'S256' : 'plain' },
    redeemedAt: row.redeemed_at ?? undefined,
  };
}
