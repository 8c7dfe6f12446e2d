import { Injectable } from '@nestjs/common';
import { sessionKey, subOfSession } from '#authentication/published/session-user.js';
import { Database } from '#database/database.js';
import { type Executor, lookup, type Statement, type Writer } from '#database/statement.js';
import { permanent, type Row, table, text, textArray, timestamp } from '#database/table.js';
import type { Secret } from '#kernel/secrets.js';

export const consentsTable = table({
  name: 'consents',
  owner: 'authorization',
  retention: permanent('a consent stands until it is withdrawn, or its user or client is removed'),
  columns: {
    sub: text({ primary: true }),
    clientId: text({ primary: true }),
    scope: textArray(),
    grantedAt: timestamp(),
  },
});

type ConsentRow = Row<typeof consentsTable>;

const find = lookup({
  name: 'consents_find',
  text: `SELECT scope FROM consents WHERE sub = ${subOfSession('$1', '$2')} AND client_id = $3`,
});

/** Scopes are added to those that were granted before. */
const grant: Statement = {
  name: 'consents_grant',
  text: `${consentsTable.insert.text}
         ON CONFLICT (sub, client_id) DO UPDATE
         SET scope = ARRAY(SELECT DISTINCT unnest(consents.scope || excluded.scope)), granted_at = excluded.granted_at`,
};

const list: Statement = {
  name: 'consents_list',
  text: `SELECT ${consentsTable.columns(['clientId', 'scope', 'grantedAt'])} FROM consents
         WHERE sub = $1 ORDER BY granted_at DESC, client_id`,
};

const withdraw: Statement = {
  name: 'consents_withdraw',
  text: 'DELETE FROM consents WHERE sub = $1 AND client_id = $2 RETURNING 1',
};

const deleteAll: Statement = {
  name: 'consents_delete_all',
  text: 'DELETE FROM consents WHERE sub = $1 OR client_id = $2',
};

/** What a user has granted to a client so far: one row for both. */
@Injectable()
export class Consents {
  constructor(private readonly database: Database) {}

  /** The scopes that the user of the session has granted to the client. */
  async find(sessionSecret: Secret, clientId: string): Promise<readonly string[] | undefined> {
    const [row] = await this.database.query<Pick<ConsentRow, 'scope'>>(find, [...sessionKey(sessionSecret), clientId]);
    return row?.scope;
  }

  grant(on: Writer, consent: ConsentRow): void {
    on.enqueue(grant, consentsTable.values(consent));
  }

  /** The newest first. */
  async list(sub: string): Promise<Omit<ConsentRow, 'sub'>[]> {
    return this.database.query<Omit<ConsentRow, 'sub'>>(list, [sub]);
  }

  /** False if there was none. */
  async withdraw(on: Executor, sub: string, clientId: string): Promise<boolean> {
    return (await on.query(withdraw, [sub, clientId])).length === 1;
  }

  async deleteAll(of: { readonly sub: string } | { readonly clientId: string }): Promise<void> {
    await this.database.query(deleteAll, 'sub' in of ? [of.sub, null] : [null, of.clientId]);
  }
}
