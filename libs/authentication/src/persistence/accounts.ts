import { Injectable } from '@nestjs/common';
import { EntitySchema } from 'typeorm';
import { Database } from '#database/database.js';
import { type Executor, lookup, type Statement } from '#database/statement.js';
import type { ListAccounts } from '../contracts.js';
import type { Profile } from '../domain/profile.js';

interface AccountRow {
  sub: string;
  username: string | null;
  username_key: string;
  password_hash: string | null;
  profile: Profile;
  locked: boolean;
  removed: boolean;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export const accountsTable = new EntitySchema<AccountRow>({
  name: 'accounts',
  columns: {
    sub: { type: 'text', collation: 'C', primary: true, primaryKeyConstraintName: 'accounts_pkey' },
    username: { type: 'text', nullable: true },
    username_key: { type: 'text', collation: 'C' },
    password_hash: { type: 'text', nullable: true },
    profile: { type: 'jsonb' },
    locked: { type: 'boolean' },
    removed: { type: 'boolean' },
    version: { type: 'integer' },
    created_at: { type: 'timestamptz' },
    updated_at: { type: 'timestamptz' },
  },
  uniques: [{ name: 'accounts_username_key_key', columns: ['username_key'] }],
});

/** An account that lives; its fields are those of the contract's `Account`. */
export type StoredAccount = Omit<AccountRow, 'username' | 'username_key' | 'password_hash' | 'removed'> & {
  readonly username: string;
};

const FIELDS = 'sub, username, profile, locked, version, created_at, updated_at';

const insert: Statement = {
  name: 'accounts_insert',
  text: `INSERT INTO accounts (sub, username, username_key, password_hash, profile, locked,
           removed, version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5::jsonb, $6, false, 1, $7, $7)
         ON CONFLICT DO NOTHING RETURNING ${FIELDS}`,
};

const find = lookup({ name: 'accounts_find', text: `SELECT ${FIELDS} FROM accounts WHERE sub = $1 AND NOT removed` });

const findCredentials = lookup({
  name: 'accounts_find_credentials',
  text: 'SELECT sub, password_hash FROM accounts WHERE username_key = $1 AND NOT removed',
});

const pageOf = (order: 'ASC' | 'DESC'): Statement => ({
  name: `accounts_page_${order.toLowerCase()}`,
  text: `SELECT ${FIELDS} FROM accounts
         WHERE NOT removed AND ($2::text IS NULL OR sub ${order === 'ASC' ? '>' : '<'} $2)
           AND ($3::text IS NULL
             OR strpos(lower(concat_ws(' ', sub, username, profile->>'name', profile->>'email')), lower($3)) > 0)
         ORDER BY sub ${order} LIMIT $1`,
});
const page = pageOf('ASC');
const pageDescending = pageOf('DESC');

const change: Statement = {
  name: 'accounts_change',
  text: `UPDATE accounts SET profile = $3::jsonb, locked = $4, password_hash = coalesce($5, password_hash),
           version = version + 1, updated_at = $6
         WHERE sub = $1 AND version = $2 AND NOT removed RETURNING ${FIELDS}`,
};

const rehash: Statement = {
  name: 'accounts_rehash',
  text: 'UPDATE accounts SET password_hash = $3 WHERE sub = $1 AND password_hash = $2 RETURNING 1',
};

const softDelete: Statement = {
  name: 'accounts_bury',
  text: `UPDATE accounts SET username = NULL, password_hash = NULL, profile = '{}', removed = true,
           version = version + 1, updated_at = $3
         WHERE sub = $1 AND version = $2 AND NOT removed RETURNING 1`,
};

@Injectable()
export class Accounts {
  constructor(private readonly database: Database) {}

  /** The new account; undefined where its sub or its username was ever given before. */
  async insert(
    on: Executor,
    account: Pick<AccountRow, 'sub' | 'username_key' | 'password_hash' | 'profile' | 'locked'> & { username: string },
    now: Date,
  ): Promise<StoredAccount | undefined> {
    const { sub, username, username_key, password_hash, profile, locked } = account;
    const values = [sub, username, username_key, password_hash, JSON.stringify(profile), locked, now];
    return (await on.query<StoredAccount>(insert, values))[0];
  }

  async find(sub: string): Promise<StoredAccount | undefined> {
    return (await this.database.query<StoredAccount>(find, [sub]))[0];
  }

  async findCredentials(usernameKey: string): Promise<{ sub: string; password_hash: string | null } | undefined> {
    return (await this.database.query<{ sub: string; password_hash: string | null }>(findCredentials, [usernameKey]))[0];
  }

  /** Those behind `after`, in the order of `sub`; `q` is sought in sub, username, name and email. */
  async page(request: ListAccounts['page']): Promise<StoredAccount[]> {
    const values = [request.limit, request.after ?? null, request.q ?? null];
    return this.database.query<StoredAccount>(request.descending ? pageDescending : page, values);
  }

  /** The changed account; undefined where `version` is no longer the one that is stored. */
  async change(
    on: Executor,
    account: { sub: string; version: number; profile: Profile; locked: boolean; passwordHash: string | null },
    now: Date,
  ): Promise<StoredAccount | undefined> {
    const { sub, version, profile, locked, passwordHash } = account;
    return (await on.query<StoredAccount>(change, [sub, version, JSON.stringify(profile), locked, passwordHash, now]))[0];
  }

  /** Puts a hash of today's cost in the place of `before`; false where that is no longer the one that is stored. */
  async rehash(sub: string, before: string, after: string): Promise<boolean> {
    return (await this.database.query(rehash, [sub, before, after])).length === 1;
  }

  /** Removes what is known of the person and keeps the names taken; false where `version` is no longer the one that is stored. */
  async softDelete(on: Executor, sub: string, version: number, now: Date): Promise<boolean> {
    return (await on.query(softDelete, [sub, version, now])).length === 1;
  }
}
