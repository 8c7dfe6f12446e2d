import { Injectable } from '@nestjs/common';
import type { Account } from '#authentication/contracts.js';
import { type AccountJson, accountOf, readAccount } from '#authentication/published/account-of.js';
import { Database } from '#database/database.js';
import { lookup, type Writer } from '#database/statement.js';
import { bytes, optional, type Row, scope, table, text, textArray, timestamp, untilExpiry, uuid } from '#database/table.js';
import type { ExpiringSecret } from '#kernel/secrets.js';
import { type Grant, grantsTable } from './grants.js';

export const accessTokensTable = table({
  name: 'access_tokens',
  owner: 'token',
  retention: untilExpiry('expiresAt'),
  columns: {
    expiresAt: timestamp({ primary: true }),
    hash: bytes({ primary: true }),
    grantId: optional(uuid()),
    clientId: text(),
    scope: scope(),
    audience: textArray(),
    issuedAt: timestamp(),
  },
});

type TokenRow = Row<typeof accessTokensTable>;

export type StoredAccessToken = Omit<TokenRow, 'hash'> & {
  readonly sub: string | undefined;
  readonly claims: Grant['claims'];
  /** The account of `sub`; undefined if it was removed, or if the token has no user. */
  readonly user: Account | undefined;
};

interface Found extends TokenRow {
  readonly sub: string | null;
  readonly claims: Grant['claims'] | null;
  readonly account: AccountJson | null;
}

const OF_TOKEN = accessTokensTable.columns(['expiresAt', 'grantId', 'clientId', 'scope', 'audience', 'issuedAt'], 't');

/** A token ends with its grant, so that a revocation needs to touch no token. */
const find = lookup({
  name: 'access_tokens_find',
  text: `SELECT ${OF_TOKEN}, ${grantsTable.columns(['sub', 'claims'], 'g')}, ${accountOf('g.sub')} AS account
         FROM access_tokens t LEFT JOIN grants g ON g.id = t.grant_id
         WHERE t.expires_at = $1 AND t.hash = $2 AND (t.grant_id IS NULL OR (g.id IS NOT NULL AND g.revoked_at IS NULL))`,
});

@Injectable()
export class AccessTokens {
  constructor(private readonly database: Database) {}

  insert(on: Writer, token: ExpiringSecret, issued: Omit<TokenRow, 'expiresAt' | 'hash'>): void {
    const row = { ...issued, expiresAt: token.expiresAt, hash: token.hash() };
    on.enqueue(accessTokensTable.insert, accessTokensTable.values(row));
  }

  /** The token with what its grant says; undefined if the token is unknown or its grant revoked. */
  async find(token: ExpiringSecret): Promise<StoredAccessToken | undefined> {
    const [row] = await this.database.query<Found>(find, [token.expiresAt, token.hash()]);
    if (row === undefined) return undefined;
    const { account, sub, claims, ...found } = row;
    return { ...accessTokensTable.read(found), sub: sub ?? undefined, claims: claims ?? undefined, user: readAccount(account) };
  }
}
