import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { Database } from '#kernel/database.js';
import type { Executor, Statement, Writer } from '#kernel/statement.js';
import { ExpiringSecret, type Secret } from '#kernel/secrets.js';
import { sweepByExpiry, Sweeper } from '#kernel/sweeper.js';
import type { AuthorizationRequest } from '../domain/authorization-request.js';

interface Row {
  expires_at: Date;
  hash: Buffer;
  browser_hash: Buffer;
  request: AuthorizationRequest;
  initial_sid: string | null;
  decision: 'allow' | 'deny' | null;
  decided_sid: string | null;
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
    decision: { type: 'text', nullable: true },
    decided_sid: { type: 'uuid', nullable: true },
  },
  checks: [{ name: 'authorization_requests_decision_check', expression: "decision IN ('allow', 'deny')" }],
});

const insert: Statement = {
  name: 'authorization_requests_insert',
  text: 'INSERT INTO authorization_requests (expires_at, hash, browser_hash, request, initial_sid) VALUES ($1, $2, $3, $4, $5)',
};

const find: Statement = {
  name: 'authorization_requests_find',
  text: `SELECT request, initial_sid, decision, decided_sid FROM authorization_requests
         WHERE expires_at = $1 AND hash = $2 AND browser_hash = $3`,
};

const decide: Statement = {
  name: 'authorization_requests_decide',
  text: `UPDATE authorization_requests SET decision = $4, decided_sid = $5
         WHERE expires_at = $1 AND hash = $2 AND browser_hash = $3
           AND (decision IS NULL OR decided_sid IS DISTINCT FROM $5) RETURNING 1`,
};

const complete: Statement = {
  name: 'authorization_requests_complete',
  text: 'DELETE FROM authorization_requests WHERE expires_at = $1 AND hash = $2 AND browser_hash = $3 RETURNING 1',
};

/** The secret of a stored request together with that of the browser it came in: neither opens it alone. */
export interface Handle {
  readonly secret: ExpiringSecret;
  readonly browserId: Secret;
}

export interface StoredRequest {
  readonly request: AuthorizationRequest;
  readonly initialSid: string | undefined;
  readonly decision: 'allow' | 'deny' | undefined;
  readonly decidedSid: string | undefined;
}

/** Authorization requests that wait for a page to be answered. */
@Injectable()
export class AuthorizationRequests {
  constructor(
    private readonly database: Database,
    sweeper: Sweeper,
  ) {
    sweeper.add(sweepByExpiry('authorization_requests'), 0);
  }

  insert(on: Writer, handle: Handle, request: AuthorizationRequest, initialSid: string | undefined): void {
    on.write(insert, [...key(handle), JSON.stringify(request), initialSid ?? null]);
  }

  async find(handle: Handle): Promise<StoredRequest | undefined> {
    const [row] = await this.database.run<Row>(find, key(handle));
    return row && {
      request: row.request,
      initialSid: row.initial_sid ?? undefined,
      decision: row.decision ?? undefined,
      decidedSid: row.decided_sid ?? undefined,
    };
  }

  /** False where the request is complete already, or decided in the same session: a question gets one answer. */
  async decide(on: Executor, handle: Handle, decision: 'allow' | 'deny', sid: string): Promise<boolean> {
    return (await on.run(decide, [...key(handle), decision, sid])).length === 1;
  }

  /** True for one caller only: a request gets one answer. */
  async complete(on: Executor, handle: Handle): Promise<boolean> {
    return (await on.run(complete, key(handle))).length === 1;
  }
}

function key({ secret, browserId }: Handle): [Date, Buffer, Buffer] {
  return [secret.expiresAt, secret.hash(), browserId.hash()];
}
