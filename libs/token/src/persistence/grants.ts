import { Injectable } from '@nestjs/common';
import { AUTHORIZED_COLUMNS } from '#authorization/published/authorized-columns.js';
import { type Executor, type Statement, type Writer } from '#database/statement.js';
import { optional, type Row, table, timestamp, untilExpiry, uuid } from '#database/table.js';

/** Longer than the tokens of a grant are kept after their expiry. */
const KEPT_AFTER_EXPIRY_S = 2 * 24 * 60 * 60;

export const grantsTable = table({
  name: 'grants',
  owner: 'token',
  retention: untilExpiry('expiresAt', { keptAfterExpiry: KEPT_AFTER_EXPIRY_S }),
  columns: {
    id: uuid({ primary: true }),
    expiresAt: timestamp(),
    ...AUTHORIZED_COLUMNS,
    createdAt: timestamp(),
    revokedAt: optional(timestamp()),
  },
  indices: [
    { name: 'grants_expires_at', columns: ['expiresAt'] },
    { name: 'grants_sub', columns: ['sub'] },
    { name: 'grants_client_id', columns: ['clientId'] },
  ],
});

/** What the user allowed to a client, from the redemption of the code on: no token of the grant outlives it. */
export type Grant = Row<typeof grantsTable>;

/** A client, an account, or what an account has allowed to a client. */
export type GrantOwner =
  | { readonly clientId: string; readonly sub?: undefined }
  | { readonly sub: string; readonly clientId?: string };

export type RevokedGrant = Pick<Grant, 'id' | 'clientId' | 'sub'>;

const REVOKED = grantsTable.columns(['id', 'clientId', 'sub']);

const revoke: Statement = {
  name: 'grants_revoke',
  text: `UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING ${REVOKED}`,
};

const revokeAll = (name: string, owner: string): Statement => ({
  name: `grants_revoke_of_${name}`,
  text: `UPDATE grants SET revoked_at = $1
         WHERE ${owner} AND created_at <= $2 AND revoked_at IS NULL AND expires_at > $1 RETURNING ${REVOKED}`,
});
const revokeOfClient = revokeAll('client', 'client_id = $3');
const revokeOfAccount = revokeAll('account', 'sub = $3');
const revokeOfAccountToClient = revokeAll('account_to_client', 'sub = $3 AND client_id = $4');

@Injectable()
export class Grants {
  insert(on: Writer, grant: Grant): void {
    on.enqueue(grantsTable.insert, grantsTable.values(grant));
  }

  /** The grant, for the one caller that revoked it; undefined if it was revoked before, or never existed. */
  async revoke(on: Executor, id: string, now: Date): Promise<RevokedGrant | undefined> {
    const [revoked] = await on.query<RevokedGrant>(revoke, [id, now]);
    return revoked;
  }

  /** Revokes the grants that were created until `until`. */
  revokeAll(on: Executor, owner: GrantOwner, { until, now }: { readonly until: Date; readonly now: Date }): Promise<RevokedGrant[]> {
    const { sub, clientId } = owner;
    if (sub === undefined) return on.query<RevokedGrant>(revokeOfClient, [now, until, clientId]);
    if (clientId === undefined) return on.query<RevokedGrant>(revokeOfAccount, [now, until, sub]);
    return on.query<RevokedGrant>(revokeOfAccountToClient, [now, until, sub, clientId]);
  }
}
