import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { sessionKey, subOfSession } from '#authentication/contracts.js';
import { Database } from '#database/database.js';
import type { Secret } from '#kernel/secrets.js';
import { type Executor, lookup, type Statement, type Writer } from '#database/statement.js';
import type { ConsentOverview } from '../contracts.js';

interface Row {
  sub: string;
  client_id: string;
  scope: string[];
  granted_at: Date;
}

export const consentsTable = new EntitySchema<Row>({
  name: 'Consent',
  tableName: 'consents',
  columns: {
    sub: { type: 'text', primary: true },
    client_id: { type: 'text', primary: true },
    scope: { type: 'text', array: true },
    granted_at: { type: 'timestamptz' },
  },
});

const find = lookup({
  name: 'consents_find',
  text: `SELECT scope FROM consents WHERE sub = ${subOfSession('$1', '$2')} AND client_id = $3`,
});

const grant: Statement = {
  name: 'consents_grant',
  text: `INSERT INTO consents (sub, client_id, scope, granted_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (sub, client_id) DO UPDATE
         SET scope = ARRAY(SELECT DISTINCT unnest(consents.scope || excluded.scope)), granted_at = excluded.granted_at`,
};

const listOf: Statement = {
  name: 'consents_list_of',
  text: 'SELECT client_id, scope, granted_at FROM consents WHERE sub = $1 ORDER BY granted_at DESC, client_id',
};

const withdraw: Statement = {
  name: 'consents_withdraw',
  text: 'DELETE FROM consents WHERE sub = $1 AND client_id = $2 RETURNING 1',
};

const remove: Statement = {
  name: 'consents_remove',
  text: 'DELETE FROM consents WHERE sub = $1 OR client_id = $2',
};

export interface Consent {
  readonly sub: string;
  readonly clientId: string;
  readonly scope: readonly string[];
}

/** What a user has granted to a client so far; one row for both, scopes only grow. */
@Injectable()
export class Consents {
  constructor(private readonly database: Database) {}

  /** What the user of a session has granted to the client. */
  async find(sessionSecret: Secret, clientId: string): Promise<readonly string[] | undefined> {
    const [row] = await this.database.query<Row>(find, [...sessionKey(sessionSecret), clientId]);
    return row?.scope;
  }

  grant(on: Writer, consent: Consent, now: Date): void {
    on.enqueue(grant, [consent.sub, consent.clientId, consent.scope, now]);
  }

  async listOf(sub: string): Promise<ConsentOverview[]> {
    const rows = await this.database.query<Omit<Row, 'sub'>>(listOf, [sub]);
    return rows.map(({ client_id, scope, granted_at }) => ({ clientId: client_id, scope, grantedAt: granted_at }));
  }

  /** Whether there was one. */
  async withdraw(on: Executor, sub: string, clientId: string): Promise<boolean> {
    return (await on.query(withdraw, [sub, clientId])).length === 1;
  }

  async removeAllOf(owner: { readonly sub: string } | { readonly clientId: string }): Promise<void> {
    await this.database.query(remove, 'sub' in owner ? [owner.sub, null] : [null, owner.clientId]);
  }
}
