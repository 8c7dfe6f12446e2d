import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { EntitySchema, type Repository } from 'typeorm';
import type { Transaction } from '#database/transaction.js';
import { Database } from '#database/database.js';
import { lookup, type Statement } from '#database/statement.js';
import type { Client, ListClients } from '../contracts.js';
import { type ClientMetadata, withDefaults } from '../domain/client-metadata.js';

interface ClientRow {
  readonly client_id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export const clientsTable = new EntitySchema<ClientRow>({
  name: 'Client',
  tableName: 'clients',
  columns: {
    client_id: { type: 'text', primary: true, collation: 'C', primaryKeyConstraintName: 'clients_pkey' },
    metadata: { type: 'jsonb' },
    version: { type: 'integer' },
    created_at: { type: 'timestamptz' },
    updated_at: { type: 'timestamptz' },
  },
});

/** Word of a changed client goes to every server with the commit; the payload is the client's ID. */
export const CLIENT_CHANGED_CHANNEL = 'gatehouse_client_changed';

const COLUMNS = 'client_id, metadata, version, created_at, updated_at';

const find = lookup({ name: 'client_find', text: `SELECT ${COLUMNS} FROM clients WHERE client_id = $1` });

const lock: Statement = { name: 'client_lock', text: `SELECT ${COLUMNS} FROM clients WHERE client_id = $1 FOR UPDATE` };

const insert: Statement = {
  name: 'client_insert',
  text: `WITH written AS (
           INSERT INTO clients (client_id, metadata, version, created_at, updated_at) VALUES ($1, $2, 1, $3, $3)
           ON CONFLICT (client_id) DO NOTHING
           RETURNING ${COLUMNS})
         SELECT ${COLUMNS}, pg_notify('${CLIENT_CHANGED_CHANNEL}', client_id) FROM written`,
};

const update: Statement = {
  name: 'client_update',
  text: `WITH written AS (
           UPDATE clients SET metadata = $3, version = version + 1, updated_at = $4 WHERE client_id = $1 AND version = $2
           RETURNING ${COLUMNS})
         SELECT ${COLUMNS}, pg_notify('${CLIENT_CHANGED_CHANNEL}', client_id) FROM written`,
};

const remove: Statement = {
  name: 'client_remove',
  text: `WITH removed AS (DELETE FROM clients WHERE client_id = $1 AND version = $2 RETURNING client_id)
         SELECT pg_notify('${CLIENT_CHANGED_CHANNEL}', client_id) FROM removed`,
};

/** The table `clients`. Every change carries the word of it to the other servers in its own statement. */
@Injectable()
export class Clients {
  constructor(
    private readonly database: Database,
    @InjectRepository(clientsTable) private readonly repository: Repository<ClientRow>,
  ) {}

  async find(clientId: string): Promise<Client | undefined> {
    return toClient(await this.database.query<ClientRow>(find, [clientId]));
  }

  /** Reads the client and keeps others from changing or removing it until the end of the transaction. */
  async lock(transaction: Transaction, clientId: string): Promise<Client | undefined> {
    return toClient(await transaction.query<ClientRow>(lock, [clientId]));
  }

  async list({ limit, after, q, descending }: ListClients['page']): Promise<readonly Client[]> {
    const query = this.repository.createQueryBuilder('client').orderBy('client.client_id', descending ? 'DESC' : 'ASC');
    if (after !== undefined) query.andWhere(`client.client_id ${descending ? '<' : '>'} :after`, { after });
    if (q !== undefined) {
      query.andWhere("(client.client_id ILIKE :q OR client.metadata->>'client_name' ILIKE :q)", { q: containing(q) });
    }
    return (await query.take(limit).getMany()).map(fromRow);
  }

  /** Undefined where the ID is taken. */
  async insert(transaction: Transaction, clientId: string, metadata: ClientMetadata, now: Date): Promise<Client | undefined> {
    return toClient(await transaction.query<ClientRow>(insert, [clientId, JSON.stringify(metadata), now]));
  }

  /** Undefined where the client is no longer at `version`. */
  async update(transaction: Transaction, seen: Client, metadata: ClientMetadata, now: Date): Promise<Client | undefined> {
    return toClient(await transaction.query<ClientRow>(update, [seen.client_id, seen.version, JSON.stringify(metadata), now]));
  }

  /** Removes the client and its secrets; false where it is no longer at `version`. */
  async remove(transaction: Transaction, clientId: string, version: number): Promise<boolean> {
    return (await transaction.query(remove, [clientId, version])).length === 1;
  }
}

function toClient([row]: readonly ClientRow[]): Client | undefined {
  return row === undefined ? undefined : fromRow(row);
}

/** A field that is younger than the row has its default. */
function fromRow({ metadata, client_id, version, created_at, updated_at }: ClientRow): Client {
  return { ...withDefaults(metadata), client_id, version, created_at, updated_at };
}

function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
