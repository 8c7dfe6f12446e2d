import { Injectable } from '@nestjs/common';
import type { Account } from '#authentication/contracts.js';
import { type AccountJson, accountOf, readAccount } from '#authentication/published/account-of.js';
import { Database } from '#database/database.js';
import { lookup, mustAffectRow, type Writer } from '#database/statement.js';
import { bytes, optional, type Row, table, text, timestamp, untilExpiry, uuid } from '#database/table.js';
import { expandKey, open, seal } from '#kernel/keyring.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import type { Rotation } from '../domain/refresh.js';
import { type Grant, grantsTable } from './grants.js';

/** A used token is kept for a day after its expiry, so that a late reuse still revokes the grant. */
const KEPT_AFTER_EXPIRY_S = 24 * 60 * 60;

export const refreshTokensTable = table({
  name: 'refresh_tokens',
  owner: 'token',
  retention: untilExpiry('expiresAt', { keptAfterExpiry: KEPT_AFTER_EXPIRY_S }),
  columns: {
    expiresAt: timestamp({ primary: true }),
    hash: bytes({ primary: true }),
    grantId: uuid(),
    rotatedAt: optional(timestamp()),
    rotatedScope: optional(text()),
    /** The next refresh token, encrypted by a key that only the holder of this one can make. */
    sealedSuccessor: optional(bytes()),
  },
});

type TokenRow = Row<typeof refreshTokensTable>;

export interface StoredRefreshToken {
  readonly secret: ExpiringSecret;
  readonly expiresAt: Date;
  readonly grant: Grant;
  /** The account of the grant; undefined if it was removed. */
  readonly user: Account | undefined;
  readonly rotation: Rotation | undefined;
}

type Found = Grant & Pick<TokenRow, 'rotatedAt' | 'rotatedScope' | 'sealedSuccessor'> & { readonly account: AccountJson | null };

const OF_TOKEN = refreshTokensTable.columns(['rotatedAt', 'rotatedScope', 'sealedSuccessor'], 't');

const find = lookup({
  name: 'refresh_tokens_find',
  text: `SELECT ${OF_TOKEN}, ${grantsTable.columns(undefined, 'g')}, ${accountOf('g.sub')} AS account
         FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id WHERE t.expires_at = $1 AND t.hash = $2`,
});

/** Two things can have changed since the token was read: another request used it, or the grant was revoked. */
const rotate = mustAffectRow({
  name: 'refresh_tokens_rotate',
  text: `UPDATE refresh_tokens t SET rotated_at = $3, rotated_scope = $4, sealed_successor = $5 FROM grants g
         WHERE t.expires_at = $1 AND t.hash = $2 AND t.rotated_at IS NULL AND g.id = t.grant_id AND g.revoked_at IS NULL RETURNING 1`,
});

@Injectable()
export class RefreshTokens {
  constructor(private readonly database: Database) {}

  insert(on: Writer, secret: ExpiringSecret, grantId: string): void {
    on.enqueue(refreshTokensTable.insert, refreshTokensTable.values({ expiresAt: secret.expiresAt, hash: secret.hash(), grantId }));
  }

  /** The token, used or not; undefined if it is unknown. */
  async find(secret: ExpiringSecret): Promise<StoredRefreshToken | undefined> {
    const { expiresAt } = secret;
    const [row] = await this.database.query<Found>(find, [expiresAt, secret.hash()]);
    if (row === undefined) return undefined;
    const { rotatedAt: at, rotatedScope, sealedSuccessor, account, ...grant } = refreshTokensTable.read(row);
    const rotation = at && { at, scope: rotatedScope ?? '', successor: unseal(sealedSuccessor, secret) };
    return { secret, expiresAt, grant: grantsTable.read(grant), user: readAccount(account), rotation };
  }

  /** Marks the token used, and keeps `successor` for it. Of several concurrent uses one succeeds; the others meet `NoRowAffected`. */
  rotate(on: Writer, { secret }: StoredRefreshToken, successor: ExpiringSecret, by: { readonly scope: string; readonly now: Date }): void {
    // The key is derived from the old token itself, which is not stored: only its holder can be given the successor again.
    const sealed = seal(Buffer.from(successor.secret.reveal()), successorKey(secret));
    on.enqueue(rotate, [secret.expiresAt, secret.hash(), by.now, by.scope, sealed]);
  }
}

function unseal(sealed: Buffer | undefined, token: ExpiringSecret): ExpiringSecret | undefined {
  const successor = sealed === undefined ? undefined : open(sealed, successorKey(token));
  return successor === undefined ? undefined : ExpiringSecret.parse(successor.toString());
}

function successorKey(token: ExpiringSecret): Buffer {
  return expandKey(token.secret, 'refresh-token-successor');
}
