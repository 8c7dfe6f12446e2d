import { Injectable } from '@nestjs/common';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';
import { bytes, json, permanent, type Row, table, text, timestamp } from '#database/table.js';
import type { SigningAlgorithm } from '#kernel/protocol-names.js';
import type { PublicJwk } from '../domain/signing.js';

export const signingKeysTable = table({
  name: 'signing_keys',
  owner: 'token',
  retention: permanent('one active key for each algorithm'),
  columns: {
    kid: text({ primary: true }),
    alg: text<SigningAlgorithm>(),
    state: text<'active'>(),
    publicJwk: json<PublicJwk>(),
    sealedPrivateKey: bytes(),
    createdAt: timestamp(),
  },
  indices: [{ name: 'signing_keys_active', columns: ['alg'], unique: true, where: "state = 'active'" }],
});

export type SigningKeyRow = Row<typeof signingKeysTable>;

const list: Statement = {
  name: 'signing_keys_list',
  text: `SELECT ${signingKeysTable.columns()} FROM signing_keys ORDER BY created_at, kid`,
};

/** Of two servers that start at once, one makes the key. */
const insertFirst: Statement = {
  name: 'signing_keys_insert_first',
  text: `${signingKeysTable.insert.text} ON CONFLICT (alg) WHERE state = 'active' DO NOTHING`,
};

const reseal: Statement = {
  name: 'signing_keys_reseal',
  text: 'UPDATE signing_keys SET sealed_private_key = $3 WHERE kid = $1 AND sealed_private_key = $2',
};

@Injectable()
export class SigningKeyStore {
  constructor(private readonly database: Database) {}

  list(): Promise<SigningKeyRow[]> {
    return this.database.query<SigningKeyRow>(list);
  }

  /** Stores the first key of an algorithm. If there is one already, that one stays. */
  async insertFirst(key: SigningKeyRow): Promise<void> {
    await this.database.query(insertFirst, signingKeysTable.values(key));
  }

  /** Replaces what this server has read by `after`. What another server sealed in the meantime stays. */
  async reseal({ kid, sealedPrivateKey }: SigningKeyRow, after: Buffer): Promise<void> {
    await this.database.query(reseal, [kid, sealedPrivateKey, after]);
  }
}
