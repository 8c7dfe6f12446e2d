import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import type { Transaction } from '#database/transaction.js';
import { Database } from '#database/database.js';
import { lookup, type Statement } from '#database/statement.js';
import type { ClientSecret } from '../contracts.js';
import { CLIENT_CHANGED_CHANNEL, clientsTable } from './clients.js';

/** A secret as it is stored: the SHA-256 of its value. */
export interface StoredSecret extends ClientSecret {
  readonly hash: Buffer;
}

interface SecretRow extends StoredSecret {
  readonly client_id: string;
}

export const clientSecretsTable = new EntitySchema<SecretRow>({
  name: 'ClientSecret',
  tableName: 'client_secrets',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'client_secrets_pkey' },
    client_id: {
      type: 'text',
      collation: 'C',
      foreignKey: { target: clientsTable, name: 'client_secrets_client_id_fkey', inverseSide: 'client_id', onDelete: 'CASCADE' },
    },
    hash: { type: 'bytea' },
    created_at: { type: 'timestamptz' },
    expires_at: { type: 'timestamptz', nullable: true },
    last_used_at: { type: 'timestamptz', nullable: true },
  },
  indices: [{ name: 'client_secrets_client_id_idx', columns: ['client_id'] }],
});

const COLUMNS = 'id, hash, created_at, expires_at, last_used_at';

const findAll = lookup({
  name: 'client_secret_find_all',
  text: `SELECT ${COLUMNS} FROM client_secrets WHERE client_id = $1 ORDER BY created_at, id`,
});

const insert: Statement = {
  name: 'client_secret_insert',
  text: `WITH written AS (
           INSERT INTO client_secrets (id, client_id, hash, created_at) VALUES ($1, $2, $3, $4)
           RETURNING ${COLUMNS}, client_id)
         SELECT ${COLUMNS}, pg_notify('${CLIENT_CHANGED_CHANNEL}', client_id) FROM written`,
};

const retire: Statement = {
  name: 'client_secret_retire',
  text: 'UPDATE client_secrets SET expires_at = least(expires_at, $2) WHERE client_id = $1',
};

const removeExpired: Statement = {
  name: 'client_secret_remove_expired',
  text: 'DELETE FROM client_secrets WHERE client_id = $1 AND expires_at <= $2',
};

const removeAll: Statement = { name: 'client_secret_remove_all', text: 'DELETE FROM client_secrets WHERE client_id = $1' };

const remove: Statement = {
  name: 'client_secret_remove',
  text: `WITH removed AS (DELETE FROM client_secrets WHERE client_id = $1 AND id = $2 RETURNING client_id)
         SELECT pg_notify('${CLIENT_CHANGED_CHANNEL}', client_id) FROM removed`,
};

const touch: Statement = {
  name: 'client_secret_touch',
  text: `UPDATE client_secrets SET last_used_at = $2
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')`,
};

/** The table `client_secrets`. A reader sees the hashes; nobody sees a value, for none is stored. */
@Injectable()
export class ClientSecrets {
  constructor(private readonly database: Database) {}

  async findAll(clientId: string): Promise<readonly StoredSecret[]> {
    return this.database.query<StoredSecret>(findAll, [clientId]);
  }

  /** The same within a transaction that holds the client's lock. */
  async findAllLocked(transaction: Transaction, clientId: string): Promise<readonly StoredSecret[]> {
    return transaction.query<StoredSecret>(findAll, [clientId]);
  }

  async insert(transaction: Transaction, clientId: string, hash: Buffer, now: Date): Promise<StoredSecret> {
    const [row] = await transaction.query<StoredSecret>(insert, [uuidv7({ msecs: now.getTime() }), clientId, hash, now]);
    if (row === undefined) throw new Error('an insert into client_secrets returned no row');
    return row;
  }

  /** Lets the client's secrets end at `at`, those that would have lived longer. */
  async retire(transaction: Transaction, clientId: string, at: Date): Promise<void> {
    await transaction.query(retire, [clientId, at]);
  }

  async removeExpired(transaction: Transaction, clientId: string, now: Date): Promise<void> {
    await transaction.query(removeExpired, [clientId, now]);
  }

  async removeAll(transaction: Transaction, clientId: string): Promise<void> {
    await transaction.query(removeAll, [clientId]);
  }

  /** False where the client has no such secret. */
  async remove(transaction: Transaction, clientId: string, secretId: string): Promise<boolean> {
    if (!isUuid(secretId)) return false;
    return (await transaction.query(remove, [clientId, secretId])).length === 1;
  }

  /** Notes the use of a secret, at most once a minute. */
  async touch(secretId: string, now: Date): Promise<void> {
    await this.database.query(touch, [secretId, now]);
  }
}

export function withoutHash({ id, created_at, expires_at, last_used_at }: StoredSecret): ClientSecret {
  return { id, created_at, expires_at, last_used_at };
}
