import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import type { ClaimsRequest } from '#authorization/contracts.js';
import type { Executor, Statement, Writer } from '#database/statement.js';
import { formatScope, scopeTokens } from '#kernel/scope.js';
import { deleteExpired, Cleanup } from '#database/cleanup.js';

/** Longer than the tokens of a grant are remembered after their expiry. */
const KEPT_AFTER_EXPIRY_S = 2 * 24 * 60 * 60;

export interface GrantRow {
  id: string;
  expires_at: Date;
  client_id: string;
  sub: string;
  scope: string;
  claims: ClaimsRequest | null;
  sid: string;
  acr: string;
  amr: string[];
  auth_time: Date;
  created_at: Date;
  revoked_at: Date | null;
}

export const grantsTable = new EntitySchema<GrantRow>({
  name: 'Grant',
  tableName: 'grants',
  columns: {
    id: { type: 'uuid', primary: true },
    expires_at: { type: 'timestamptz' },
    client_id: { type: 'text' },
    sub: { type: 'text' },
    scope: { type: 'text' },
    claims: { type: 'jsonb', nullable: true },
    sid: { type: 'uuid' },
    acr: { type: 'text' },
    amr: { type: 'text', array: true },
    auth_time: { type: 'timestamptz' },
    created_at: { type: 'timestamptz' },
    revoked_at: { type: 'timestamptz', nullable: true },
  },
  indices: [
    { name: 'grants_expires_at', columns: ['expires_at'] },
    { name: 'grants_sub', columns: ['sub'] },
    { name: 'grants_client_id', columns: ['client_id'] },
  ],
});

const insert: Statement = {
  name: 'grants_insert',
  text: `INSERT INTO grants (id, expires_at, client_id, sub, scope, claims, sid, acr, amr, auth_time, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
};

const revoke: Statement = {
  name: 'grants_revoke',
  text: 'UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING id, client_id, sub',
};

const revokeOf = (name: string, owner: string): Statement => ({
  name: `grants_revoke_of_${name}`,
  text: `UPDATE grants SET revoked_at = $1
         WHERE ${owner} AND created_at <= $2 AND revoked_at IS NULL AND expires_at > $1 RETURNING id, client_id, sub`,
});
const revokeOfClient = revokeOf('client', 'client_id = $3');
const revokeOfAccount = revokeOf('account', 'sub = $3');
const revokeOfAccountToClient = revokeOf('account_to_client', 'sub = $3 AND client_id = $4');

/** A client, an account, or what an account has allowed to a client. */
export type GrantOwner =
  | { readonly clientId: string; readonly sub?: undefined }
  | { readonly sub: string; readonly clientId?: string };

/** What the user allowed to a client, from the redemption of its code on: every token of it lives and dies with it. */
export interface Grant {
  readonly id: string;
  readonly expiresAt: Date;
  readonly clientId: string;
  readonly sub: string;
  readonly scope: readonly string[];
  readonly claims: ClaimsRequest | undefined;
  readonly sid: string;
  readonly acr: string;
  readonly amr: readonly string[];
  readonly authTime: Date;
}

export interface RevokedGrant {
  readonly id: string;
  readonly client_id: string;
  readonly sub: string;
}

@Injectable()
export class Grants {
  constructor(cleanup: Cleanup) {
    cleanup.add(deleteExpired('grants'), KEPT_AFTER_EXPIRY_S);
  }

  insert(on: Writer, grant: Grant, now: Date): void {
    on.enqueue(insert, [
      grant.id,
      grant.expiresAt,
      grant.clientId,
      grant.sub,
      formatScope(grant.scope),
      grant.claims === undefined ? null : JSON.stringify(grant.claims),
      grant.sid,
      grant.acr,
      grant.amr,
      grant.authTime,
      now,
    ]);
  }

  /** The grant for the one caller that ended it; undefined where it had ended before, or never begun. */
  async revoke(on: Executor, id: string, now: Date): Promise<RevokedGrant | undefined> {
    const [revoked] = await on.query<RevokedGrant>(revoke, [id, now]);
    return revoked;
  }

  /** Ends the grants that were made until `until`. */
  revokeAllOf(on: Executor, owner: GrantOwner, { until, now }: { readonly until: Date; readonly now: Date }): Promise<RevokedGrant[]> {
    const { sub, clientId } = owner;
    if (sub === undefined) return on.query<RevokedGrant>(revokeOfClient, [now, until, clientId]);
    if (clientId === undefined) return on.query<RevokedGrant>(revokeOfAccount, [now, until, sub]);
    return on.query<RevokedGrant>(revokeOfAccountToClient, [now, until, sub, clientId]);
  }
}

export function toGrant(row: GrantRow): Grant {
  return {
    id: row.id,
    expiresAt: row.expires_at,
    clientId: row.client_id,
    sub: row.sub,
    scope: scopeTokens(row.scope),
    claims: row.claims ?? undefined,
    sid: row.sid,
    acr: row.acr,
    amr: row.amr,
    authTime: row.auth_time,
  };
}
