import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { type Account, type AccountJson, accountOf, readAccount } from '#authentication/contracts.js';
import type { Client } from '#client-registry/contracts.js';
import { Database } from '#database/database.js';
import { type Executor, insertion, lookup, mustAffectRow, type Statement, type Writer } from '#database/statement.js';
import { expandKey, open, seal } from '#kernel/keyring.js';
import { ExpiringSecret } from '#kernel/secrets.js';
import { deleteExpired, Cleanup } from '#database/cleanup.js';
import { type Grant, type GrantRow, toGrant } from './grants.js';

/** A rotated token is remembered for a day after its expiry, so that a late reuse still ends the grant. */
const KEPT_AFTER_EXPIRY_S = 24 * 60 * 60;

interface WithAccount {
  account: AccountJson | null;
}

interface Row {
  expires_at: Date;
  hash: Buffer;
  grant_id: string;
  rotated_at: Date | null;
  rotated_scope: string | null;
  sealed_successor: Buffer | null;
}

export const refreshTokensTable = new EntitySchema<Row>({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  columns: {
    expires_at: { type: 'timestamptz', primary: true },
    hash: { type: 'bytea', primary: true },
    grant_id: { type: 'uuid' },
    rotated_at: { type: 'timestamptz', nullable: true },
    rotated_scope: { type: 'text', nullable: true },
    sealed_successor: { type: 'bytea', nullable: true },
  },
});

const insert = insertion({
  name: 'refresh_tokens_insert',
  text: 'INSERT INTO refresh_tokens (expires_at, hash, grant_id) VALUES ($1, $2, $3)',
});

/** Everything that a rightful refresh must meet stands in the WHERE clause: what it finds may be claimed. */
const findRotatable = lookup({
  name: 'refresh_tokens_find_rotatable',
  text: `SELECT g.*, ${accountOf('g.sub')} AS account FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id
         WHERE t.expires_at = $1 AND t.hash = $2 AND t.rotated_at IS NULL
           AND g.client_id = $3 AND g.created_at >= $4 AND g.revoked_at IS NULL AND g.expires_at > $5
           AND string_to_array(g.scope, ' ') @> string_to_array($6, ' ')`,
});

/** What can have changed since: another has rotated the token, or the grant was revoked. */
const rotate = mustAffectRow({
  name: 'refresh_tokens_rotate',
  text: `UPDATE refresh_tokens t SET rotated_at = $3, rotated_scope = $4, sealed_successor = $5 FROM grants g
         WHERE t.expires_at = $1 AND t.hash = $2 AND t.rotated_at IS NULL AND g.id = t.grant_id AND g.revoked_at IS NULL RETURNING 1`,
});

const find: Statement = {
  name: 'refresh_tokens_find',
  text: `SELECT t.rotated_at, t.rotated_scope, t.sealed_successor, g.*, ${accountOf('g.sub')} AS account
         FROM refresh_tokens t JOIN grants g ON g.id = t.grant_id
         WHERE t.expires_at = $1 AND t.hash = $2 AND g.client_id = $3 AND g.created_at >= $4`,
};

/** Whose refresh tokens: one that was registered anew under an old ID inherits none, since those are older than it. */
type Owner = Pick<Client, 'client_id' | 'created_at'>;

export interface Rotation {
  readonly client: Owner;
  /** The `scope` parameter. */
  readonly scope: string;
  readonly now: Date;
}

export interface GrantWithUser {
  readonly grant: Grant;
  /** Undefined where the account was removed. */
  readonly user: Account | undefined;
}

export interface StoredRefreshToken extends GrantWithUser {
  readonly grantRevoked: boolean;
  readonly rotation: { readonly at: Date; readonly scope: string; readonly successor: ExpiringSecret | undefined } | undefined;
}

@Injectable()
export class RefreshTokens {
  constructor(
    private readonly database: Database,
    cleanup: Cleanup,
  ) {
    cleanup.add(deleteExpired('refresh_tokens'), KEPT_AFTER_EXPIRY_S);
  }

  insert(on: Writer, token: ExpiringSecret, grantId: string): void {
    on.enqueue(insert, [token.expiresAt, token.hash(), grantId]);
  }

  /** The grant of the token, where this refresh fits in everything; undefined where it does not, or the token is spent. */
  async findRotatable(token: ExpiringSecret, { client, scope, now }: Rotation): Promise<GrantWithUser | undefined> {
    const values = [token.expiresAt, token.hash(), client.client_id, client.created_at, now, scope];
    const [row] = await this.database.query<GrantRow & WithAccount>(findRotatable, values);
    return row && { grant: toGrant(row), user: readAccount(row.account) };
  }

  /** A claim: one caller wins it, and takes `successor` for the token. */
  rotate(on: Writer, token: ExpiringSecret, successor: ExpiringSecret, { scope, now }: Rotation): void {
    // The key is the old token itself, which is not stored: only who holds it can be given the successor again.
    const sealed = seal(Buffer.from(successor.secret.reveal()), successorKey(token));
    on.enqueue(rotate, [token.expiresAt, token.hash(), now, scope, sealed]);
  }

  /** The token as it stands, spent or not; undefined where it is unknown or not this client's. */
  async find(on: Executor, token: ExpiringSecret, client: Owner): Promise<StoredRefreshToken | undefined> {
    const [row] = await on.query<GrantRow & WithAccount & Pick<Row, 'rotated_at' | 'rotated_scope' | 'sealed_successor'>>(find, [
      token.expiresAt,
      token.hash(),
      client.client_id,
      client.created_at,
    ]);
    if (row === undefined) return undefined;
    const rotation =
      row.rotated_at === null
        ? undefined
        : { at: row.rotated_at, scope: row.rotated_scope ?? '', successor: unseal(row.sealed_successor, token) };
    return { grant: toGrant(row), user: readAccount(row.account), grantRevoked: row.revoked_at !== null, rotation };
  }
}

function unseal(sealed: Buffer | null, token: ExpiringSecret): ExpiringSecret | undefined {
  const successor = sealed === null ? undefined : open(sealed, successorKey(token));
  return successor === undefined ? undefined : ExpiringSecret.parse(successor.toString());
}

function successorKey(token: ExpiringSecret): Buffer {
  return expandKey(token.secret, 'refresh-token-successor');
}
