import { Injectable } from '@nestjs/common';
import { containing, deleteIf, insertIfFree, pageOf, updateIf } from '#database/administered-rows.js';
import { Database } from '#database/database.js';
import { lookup, type Statement } from '#database/statement.js';
import { integer, json, permanent, type Row, table, text, timestamp } from '#database/table.js';
import type { Transaction } from '#database/transaction.js';
import type { JsonObject } from '#document/json.js';
import type { PageRequest } from '#document/page-request.js';
import type { Client } from '../contracts.js';
import { type ClientMetadata, withDefaults } from '../domain/client-metadata.js';

export const clientsTable = table({
  name: 'clients',
  owner: 'client-registry',
  retention: permanent('an administrator removes a client'),
  columns: {
    clientId: text({ primary: 'clients_pkey', collation: 'C' }),
    metadata: json<JsonObject>(),
    version: integer(),
    createdAt: timestamp(),
    updatedAt: timestamp(),
  },
});

type ClientRow = Row<typeof clientsTable>;

/** Every server listens here for the IDs of changed clients. */
export const CLIENT_CHANGED_CHANNEL = 'gatehouse_client_changed';

const find = lookup({ name: 'client_find', text: `SELECT ${clientsTable.columns()} FROM clients WHERE client_id = $1` });

const notify: Statement = { name: 'client_notify', text: `SELECT pg_notify('${CLIENT_CHANGED_CHANNEL}', $1)` };

/** Tells every server, with the commit, that what it remembers of the client is old. */
export function notifyOfChange(transaction: Transaction, clientId: string): void {
  transaction.enqueue(notify, [clientId]);
}

/** The table `clients`. Every change of it is notified in its transaction. */
@Injectable()
export class Clients {
  constructor(private readonly database: Database) {}

  async find(clientId: string): Promise<Client | undefined> {
    const [row] = await this.database.query<ClientRow>(find, [clientId]);
    return row && fromRow(row);
  }

  /** Reads the client. Until the end of the transaction, nobody else changes or removes it. */
  async lock(transaction: Transaction, clientId: string): Promise<Client | undefined> {
    const clients = await transaction.repository(clientsTable);
    const row = await clients.findOne({ where: { clientId }, lock: { mode: 'pessimistic_write' } });
    return row === null ? undefined : fromRow(row);
  }

  async list({ q, ...page }: PageRequest): Promise<readonly Client[]> {
    const rows = await this.database.read(clientsTable, (clients) => {
      const query = clients.createQueryBuilder('client');
      if (q !== undefined) {
        query.andWhere("(client.clientId ILIKE :q OR client.metadata->>'client_name' ILIKE :q)", { q: containing(q) });
      }
      return pageOf(query, 'client.clientId', page);
    });
    return rows.map(fromRow);
  }

  /** Undefined if the ID is taken. */
  async insert(transaction: Transaction, clientId: string, metadata: ClientMetadata, now: Date): Promise<Client | undefined> {
    const row = { clientId, metadata: withDefaults(metadata), version: 1, createdAt: now, updatedAt: now };
    if (!(await insertIfFree(await transaction.repository(clientsTable), row))) return undefined;
    notifyOfChange(transaction, clientId);
    return fromRow(row);
  }

  /** Undefined if the client is no longer as it was seen. */
  async update(transaction: Transaction, seen: Client, metadata: ClientMetadata, now: Date): Promise<Client | undefined> {
    const { client_id: clientId, version, created_at: createdAt } = seen;
    const change = { metadata: withDefaults(metadata), version: version + 1, updatedAt: now };
    if (!(await updateIf(await transaction.repository(clientsTable), { clientId, version }, change))) return undefined;
    notifyOfChange(transaction, clientId);
    return fromRow({ clientId, createdAt, ...change });
  }

  /** Removes the client and its secrets. False if it is no longer at `version`. */
  async remove(transaction: Transaction, clientId: string, version: number): Promise<boolean> {
    const isRemoved = await deleteIf(await transaction.repository(clientsTable), { clientId, version });
    if (isRemoved) notifyOfChange(transaction, clientId);
    return isRemoved;
  }
}

/** A field that is younger than the row has its default. */
function fromRow({ clientId, metadata, version, createdAt, updatedAt }: ClientRow): Client {
  return { ...withDefaults(metadata), client_id: clientId, version, created_at: createdAt, updated_at: updatedAt };
}
