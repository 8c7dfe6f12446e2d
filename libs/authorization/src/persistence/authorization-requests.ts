import { Injectable } from '@nestjs/common';
import { sessionKey, subOfSession } from '#authentication/published/session-user.js';
import { Database } from '#database/database.js';
import { lookup, mustAffectRow, type Writer } from '#database/statement.js';
import { bytes, json, optional, type Row, table, timestamp, untilExpiry, uuid } from '#database/table.js';
import type { ExpiringSecret, Secret } from '#kernel/secrets.js';
import type { AuthorizationRequest } from '../domain/read-request.js';

export const authorizationRequestsTable = table({
  name: 'authorization_requests',
  owner: 'authorization',
  retention: untilExpiry('expiresAt'),
  columns: {
    expiresAt: timestamp({ primary: true }),
    hash: bytes({ primary: true }),
    browserHash: bytes(),
    request: json<AuthorizationRequest>(),
    initialSid: optional(uuid()),
  },
});

type RequestRow = Row<typeof authorizationRequestsTable>;

/** The secret of a stored request together with that of the browser that sent it: neither opens the request alone. */
export interface Handle {
  readonly secret: ExpiringSecret;
  readonly browserId: Secret;
}

export interface StoredRequest extends Pick<RequestRow, 'request' | 'initialSid'> {
  /** The scopes that the user of the session granted to the client before; undefined if there are none, or no session. */
  readonly consented: readonly string[] | undefined;
}

const find = lookup({
  name: 'authorization_requests_find',
  text: `SELECT ${authorizationRequestsTable.columns(['request', 'initialSid'])}, consents.scope AS consented FROM authorization_requests
         LEFT JOIN consents ON consents.sub = ${subOfSession('$4', '$5')} AND consents.client_id = request->>'clientId'
         WHERE expires_at = $1 AND hash = $2 AND browser_hash = $3`,
});

const complete = mustAffectRow({
  name: 'authorization_requests_complete',
  text: 'DELETE FROM authorization_requests WHERE expires_at = $1 AND hash = $2 AND browser_hash = $3 RETURNING 1',
});

/** Authorization requests that wait for a page to be answered. */
@Injectable()
export class AuthorizationRequests {
  constructor(private readonly database: Database) {}

  insert(on: Writer, { secret, browserId }: Handle, stored: Pick<RequestRow, 'request' | 'initialSid'>): void {
    const row = { expiresAt: secret.expiresAt, hash: secret.hash(), browserHash: browserId.hash(), ...stored };
    on.enqueue(authorizationRequestsTable.insert, authorizationRequestsTable.values(row));
  }

  /** `sessionSecret`: of the session whose user would consent, if there is one. */
  async find(handle: Handle, sessionSecret: Secret | undefined): Promise<StoredRequest | undefined> {
    const values = [...key(handle), ...sessionKey(sessionSecret)];
    const [row] = await this.database.query<RequestRow & { readonly consented: string[] | null }>(find, values);
    return row && { ...authorizationRequestsTable.read(row), consented: row.consented ?? undefined };
  }

  /** Deletes the request. Of several concurrent answers exactly one succeeds; the others meet `NoRowAffected`. */
  complete(on: Writer, handle: Handle): void {
    on.enqueue(complete, key(handle));
  }
}

function key({ secret, browserId }: Handle): [Date, Buffer, Buffer] {
  return [secret.expiresAt, secret.hash(), browserId.hash()];
}
