import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { sessionKey, subOfSession } from '#authentication/contracts.js';
import { Database } from '#database/database.js';
import { insertion, lookup, mustAffectRow, type Writer } from '#database/statement.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { deleteExpired, Cleanup } from '#database/cleanup.js';
import type { AuthorizationRequest } from '../domain/authorization-request.js';

interface Row {
  expires_at: Date;
  hash: Buffer;
  browser_hash: Buffer;
  request: AuthorizationRequest;
  initial_sid: string | null;
}

export const authorizationRequestsTable = new EntitySchema<Row>({
  name: 'AuthorizationRequest',
  tableName: 'authorization_requests',
  columns: {
    expires_at: { type: 'timestamptz', primary: true },
    hash: { type: 'bytea', primary: true },
    browser_hash: { type: 'bytea' },
    request: { type: 'jsonb' },
    initial_sid: { type: 'uuid', nullable: true },
  },
});

const insert = insertion({
  name: 'authorization_requests_insert',
  text: 'INSERT INTO authorization_requests (expires_at, hash, browser_hash, request, initial_sid) VALUES ($1, $2, $3, $4, $5)',
});

const find = lookup({
  name: 'authorization_requests_find',
  text: `SELECT request, initial_sid, consents.scope AS consented FROM authorization_requests
         LEFT JOIN consents ON consents.sub = ${subOfSession('$4', '$5')} AND consents.client_id = request->>'clientId'
         WHERE expires_at = $1 AND hash = $2 AND browser_hash = $3`,
});

const complete = mustAffectRow({
  name: 'authorization_requests_complete',
  text: 'DELETE FROM authorization_requests WHERE expires_at = $1 AND hash = $2 AND browser_hash = $3 RETURNING 1',
});

/** The secret of a stored request together with that of the browser it came in: neither opens it alone. */
export interface Handle {
  readonly secret: ExpiringSecret;
  readonly browserId: Secret;
}

export interface StoredRequest {
  readonly request: AuthorizationRequest;
  readonly initialSid: string | undefined;
  /** What the user had granted to the client before. */
  readonly consented: readonly string[] | undefined;
}

/** Authorization requests that wait for a page to be answered. */
@Injectable()
export class AuthorizationRequests {
  constructor(
    private readonly database: Database,
    cleanup: Cleanup,
  ) {
    cleanup.add(deleteExpired('authorization_requests'), 0);
  }

  insert(on: Writer, handle: Handle, request: AuthorizationRequest, initialSid: string | undefined): void {
    on.enqueue(insert, [...key(handle), JSON.stringify(request), initialSid ?? null]);
  }

  /** `sessionSecret`: of the session whose user would consent, if anybody. */
  async find(handle: Handle, sessionSecret: Secret | undefined): Promise<StoredRequest | undefined> {
    const [row] = await this.database.query<Row & { consented: string[] | null }>(find, [
      ...key(handle),
      ...sessionKey(sessionSecret),
    ]);
    return row && { request: row.request, initialSid: row.initial_sid ?? undefined, consented: row.consented ?? undefined };
  }

  /** A claim: one caller wins it, for a request gets one answer. */
  complete(on: Writer, handle: Handle): void {
    on.enqueue(complete, key(handle));
  }
}

function key({ secret, browserId }: Handle): [Date, Buffer, Buffer] {
  return [secret.expiresAt, secret.hash(), browserId.hash()];
}
