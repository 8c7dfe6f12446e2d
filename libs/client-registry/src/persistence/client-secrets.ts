import { Injectable } from '@nestjs/common';
import { IsNull, LessThanOrEqual, MoreThan, Or } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { deleteIf } from '#database/administered-rows.js';
import { Database } from '#database/database.js';
import { lookup, type Statement } from '#database/statement.js';
import { bytes, optional, permanent, type Row, table, text, timestamp, uuid } from '#database/table.js';
import type { Transaction } from '#database/transaction.js';
import type { ClientSecret } from '../contracts.js';
import { clientsTable, notifyOfChange } from './clients.js';

export const clientSecretsTable = table({
  name: 'client_secrets',
  owner: 'client-registry',
  retention: permanent('a reset removes what has expired, and the removal of a client removes all'),
  columns: {
    id: uuid({ primary: 'client_secrets_pkey' }),
    clientId: text({
      collation: 'C',
      foreignKey: {
        target: clientsTable.entity,
        name: 'client_secrets_client_id_fkey',
        inverseSide: 'clientId',
        onDelete: 'CASCADE',
      },
    }),
    hash: bytes(),
    createdAt: timestamp(),
    expiresAt: optional(timestamp()),
    lastUsedAt: optional(timestamp()),
  },
  indices: [{ name: 'client_secrets_client_id_idx', columns: ['clientId'] }],
});

type SecretRow = Row<typeof clientSecretsTable>;

/** A secret as it is stored: the SHA-256 of its value. */
export interface StoredSecret extends ClientSecret {
  readonly hash: Buffer;
}

const findAll = lookup({
  name: 'client_secret_find_all',
  text: `SELECT ${clientSecretsTable.columns()} FROM client_secrets WHERE client_id = $1 ORDER BY created_at, id`,
});

const touch: Statement = {
  name: 'client_secret_touch',
  text: `UPDATE client_secrets SET last_used_at = $2
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')`,
};

/** The table `client_secrets`. A reader sees the hashes. Nobody sees a value, since none is stored. */
@Injectable()
export class ClientSecrets {
  constructor(private readonly database: Database) {}

  async findAll(clientId: string): Promise<readonly StoredSecret[]> {
    return (await this.database.query<SecretRow>(findAll, [clientId])).map(fromRow);
  }

  /** The same within a transaction that holds the client's lock. */
  async findAllLocked(transaction: Transaction, clientId: string): Promise<readonly StoredSecret[]> {
    const secrets = await transaction.repository(clientSecretsTable);
    return (await secrets.find({ where: { clientId }, order: { createdAt: 'ASC', id: 'ASC' } })).map(fromRow);
  }

  async insert(transaction: Transaction, clientId: string, hash: Buffer, now: Date): Promise<StoredSecret> {
    const row = { id: uuidv7({ msecs: now.getTime() }), clientId, hash, createdAt: now };
    await (await transaction.repository(clientSecretsTable)).insert(row);
    notifyOfChange(transaction, clientId);
    return fromRow(row);
  }

  /** Lets the client's secrets end at `at`, those that would have lived longer. */
  async retire(transaction: Transaction, clientId: string, at: Date): Promise<void> {
    const livesLonger = { clientId, expiresAt: Or(IsNull(), MoreThan(at)) };
    await (await transaction.repository(clientSecretsTable)).update(livesLonger, { expiresAt: at });
  }

  async removeExpired(transaction: Transaction, clientId: string, now: Date): Promise<void> {
    await (await transaction.repository(clientSecretsTable)).delete({ clientId, expiresAt: LessThanOrEqual(now) });
  }

  async removeAll(transaction: Transaction, clientId: string): Promise<void> {
    await (await transaction.repository(clientSecretsTable)).delete({ clientId });
  }

  /** False if the client has no such secret. */
  async remove(transaction: Transaction, clientId: string, id: string): Promise<boolean> {
    if (!isUuid(id)) return false;
    const isRemoved = await deleteIf(await transaction.repository(clientSecretsTable), { clientId, id });
    if (isRemoved) notifyOfChange(transaction, clientId);
    return isRemoved;
  }

  /** Notes the use of a secret, at most once a minute. */
  async touch(secretId: string, now: Date): Promise<void> {
    await this.database.query(touch, [secretId, now]);
  }
}

function fromRow({ id, hash, createdAt, expiresAt, lastUsedAt }: SecretRow): StoredSecret {
  return { id, hash, created_at: createdAt, expires_at: expiresAt ?? null, last_used_at: lastUsedAt ?? null };
}

export function withoutHash({ id, created_at, expires_at, last_used_at }: StoredSecret): ClientSecret {
  return { id, created_at, expires_at, last_used_at };
}
