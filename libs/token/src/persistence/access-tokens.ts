import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { type Account, type AccountJson, accountOf, readAccount } from '#authentication/contracts.js';
import type { ClaimsRequest } from '#authorization/contracts.js';
import { Database } from '#database/database.js';
import { insertion, lookup, type Writer } from '#database/statement.js';
import { formatScope, scopeTokens } from '#kernel/scope.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import { deleteExpired, Cleanup } from '#database/cleanup.js';
import type { AccessToken } from '../contracts.js';

interface Row {
  expires_at: Date;
  hash: Buffer;
  grant_id: string | null;
  client_id: string;
  scope: string;
  audience: string[];
  issued_at: Date;
}

export const accessTokensTable = new EntitySchema<Row>({
  name: 'AccessToken',
  tableName: 'access_tokens',
  columns: {
    expires_at: { type: 'timestamptz', primary: true },
    hash: { type: 'bytea', primary: true },
    grant_id: { type: 'uuid', nullable: true },
    client_id: { type: 'text' },
    scope: { type: 'text' },
    audience: { type: 'text', array: true },
    issued_at: { type: 'timestamptz' },
  },
});

const insert = insertion({
  name: 'access_tokens_insert',
  text: `INSERT INTO access_tokens (expires_at, hash, grant_id, client_id, scope, audience, issued_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
});

/** A token of a grant is alive as long as the grant is: revoking needs to touch no token. */
const find = lookup({
  name: 'access_tokens_find',
  text: `SELECT t.expires_at, t.grant_id, t.client_id, t.scope, t.audience, t.issued_at, g.sub, g.claims, ${accountOf('g.sub')} AS account
         FROM access_tokens t LEFT JOIN grants g ON g.id = t.grant_id
         WHERE t.expires_at = $1 AND t.hash = $2 AND (t.grant_id IS NULL OR (g.id IS NOT NULL AND g.revoked_at IS NULL))`,
});

export interface StoredAccessToken extends AccessToken {
  readonly issuedAt: Date;
  readonly claims: ClaimsRequest | undefined;
  /** The account of `sub`; undefined where it was removed. */
  readonly user: Account | undefined;
}

@Injectable()
export class AccessTokens {
  constructor(
    private readonly database: Database,
    cleanup: Cleanup,
  ) {
    cleanup.add(deleteExpired('access_tokens'), 0);
  }

  insert(on: Writer, token: ExpiringSecret, issued: Omit<StoredAccessToken, 'sub' | 'claims' | 'user' | 'expiresAt'>): void {
    on.enqueue(insert, [
      token.expiresAt,
      token.hash(),
      issued.grantId ?? null,
      issued.clientId,
      formatScope(issued.scope),
      issued.audience,
      issued.issuedAt,
    ]);
  }

  /** The token with what its grant says; undefined where it is unknown or its grant revoked. */
  async find(token: ExpiringSecret): Promise<StoredAccessToken | undefined> {
    const [row] = await this.database.query<Row & { sub: string | null; claims: ClaimsRequest | null; account: AccountJson | null }>(find, [
      token.expiresAt,
      token.hash(),
    ]);
    return row && {
      clientId: row.client_id,
      sub: row.sub ?? undefined,
      grantId: row.grant_id ?? undefined,
      scope: scopeTokens(row.scope),
      audience: row.audience,
      expiresAt: row.expires_at,
      issuedAt: row.issued_at,
      claims: row.claims ?? undefined,
      user: readAccount(row.account),
    };
  }
}
