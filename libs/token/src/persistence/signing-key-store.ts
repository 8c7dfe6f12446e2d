import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { Database } from '#database/database.js';
import type { Statement } from '#database/statement.js';
import type { SigningAlgorithm } from '#kernel/protocol-names.js';
import type { PublicJwk } from '../domain/signing.js';

export interface SigningKeyRow {
  kid: string;
  alg: SigningAlgorithm;
  state: 'active';
  public_jwk: PublicJwk;
  sealed_private_key: Buffer;
  created_at: Date;
}

export const signingKeysTable = new EntitySchema<SigningKeyRow>({
  name: 'SigningKey',
  tableName: 'signing_keys',
  columns: {
    kid: { type: 'text', primary: true },
    alg: { type: 'text' },
    state: { type: 'text' },
    public_jwk: { type: 'jsonb' },
    sealed_private_key: { type: 'bytea' },
    created_at: { type: 'timestamptz' },
  },
  indices: [{ name: 'signing_keys_active', columns: ['alg'], unique: true, where: "state = 'active'" }],
});

const list: Statement = {
  name: 'signing_keys_list',
  text: 'SELECT kid, alg, state, public_jwk, sealed_private_key, created_at FROM signing_keys ORDER BY created_at, kid',
};

/** Of two servers that start at once, one makes the key. */
const insert: Statement = {
  name: 'signing_keys_insert',
  text: `INSERT INTO signing_keys (kid, alg, state, public_jwk, sealed_private_key, created_at)
         VALUES ($1, $2, 'active', $3, $4, $5) ON CONFLICT (alg) WHERE state = 'active' DO NOTHING`,
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

  /** Stores the first key of an algorithm; where there is one, it stays. */
  async insertFirst(jwk: PublicJwk, sealedPrivateKey: Buffer, now: Date): Promise<void> {
    await this.database.query(insert, [jwk.kid, jwk.alg, JSON.stringify(jwk), sealedPrivateKey, now]);
  }

  /** Puts `after` in the place of what this server has read; what another one sealed meanwhile stays. */
  async reseal({ kid, sealed_private_key }: SigningKeyRow, after: Buffer): Promise<void> {
    await this.database.query(reseal, [kid, sealed_private_key, after]);
  }
}
