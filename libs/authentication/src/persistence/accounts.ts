import { Injectable } from '@nestjs/common';
import { insertIfFree, pageOf, updateIf } from '#database/administered-rows.js';
import { Database } from '#database/database.js';
import { lookup, mustAffectRow, type Statement, type Writer } from '#database/statement.js';
import { flag, integer, json, optional, permanent, type Row, table, text, timestamp } from '#database/table.js';
import type { Transaction } from '#database/transaction.js';
import type { PageRequest } from '#document/page-request.js';
import type { Account } from '../contracts.js';
import type { Profile } from '../domain/profile.js';

export const accountsTable = table({
  name: 'accounts',
  owner: 'authentication',
  retention: permanent('a removed account stays, without what is known of the person: its names are never given again'),
  columns: {
    sub: text({ primary: 'accounts_pkey', collation: 'C' }),
    username: optional(text()),
    usernameKey: text({ collation: 'C' }),
    passwordHash: optional(text()),
    profile: json<Profile>(),
    locked: flag(),
    removed: flag(),
    version: integer(),
    createdAt: timestamp(),
    updatedAt: timestamp(),
  },
  uniques: [{ name: 'accounts_username_key_key', columns: ['usernameKey'] }],
});

type AccountRow = Row<typeof accountsTable>;

/** The columns of the contract's `Account`. */
const SHOWN = ['sub', 'username', 'profile', 'locked', 'version', 'createdAt', 'updatedAt'] as const;
type ShownRow = Pick<AccountRow, (typeof SHOWN)[number]>;

const find = lookup({
  name: 'accounts_find',
  text: `SELECT ${accountsTable.columns(SHOWN)} FROM accounts WHERE sub = $1 AND NOT removed`,
});

type Credentials = Pick<AccountRow, 'sub' | 'passwordHash'>;

const findCredentials = lookup({
  name: 'accounts_find_credentials',
  text: `SELECT ${accountsTable.columns(['sub', 'passwordHash'])} FROM accounts WHERE username_key = $1 AND NOT removed`,
});

/** FOR SHARE: a new password in flight waits for what depends on the old one, or is seen here. */
const requirePassword = mustAffectRow({
  name: 'accounts_require_password',
  text: 'SELECT 1 FROM accounts WHERE sub = $1 AND password_hash = $2 FOR SHARE',
});

const rehash: Statement = {
  name: 'accounts_rehash',
  text: 'UPDATE accounts SET password_hash = $3 WHERE sub = $1 AND password_hash = $2 RETURNING 1',
};

/** A text is sought in these, whatever the case of its letters. */
const SEARCHED = "account.sub, account.username, account.profile->>'name', account.profile->>'email'";

type NewRow = Pick<AccountRow, 'sub' | 'usernameKey' | 'passwordHash' | 'profile' | 'locked'> & { readonly username: string };

interface Change {
  readonly profile: Profile;
  readonly locked: boolean;
  /** Null if the password stays. */
  readonly passwordHash: string | null;
}

@Injectable()
export class Accounts {
  constructor(private readonly database: Database) {}

  /** The new account. Undefined if its sub or its username was ever given before. */
  async insert(transaction: Transaction, account: NewRow, now: Date): Promise<Account | undefined> {
    const row = { ...account, removed: false, version: 1, createdAt: now, updatedAt: now };
    return (await insertIfFree(await transaction.repository(accountsTable), row)) ? fromRow(row) : undefined;
  }

  async find(sub: string): Promise<Account | undefined> {
    const [row] = await this.database.query<ShownRow>(find, [sub]);
    return row && fromRow(row);
  }

  async findCredentials(usernameKey: string): Promise<Credentials | undefined> {
    const [row] = await this.database.query<Credentials>(findCredentials, [usernameKey]);
    return row && accountsTable.read(row);
  }

  async page({ q, ...page }: PageRequest): Promise<readonly Account[]> {
    const rows = await this.database.read(accountsTable, (accounts) => {
      const query = accounts.createQueryBuilder('account').select(SHOWN.map((name) => `account.${name}`)).where('NOT account.removed');
      if (q !== undefined) query.andWhere(`strpos(lower(concat_ws(' ', ${SEARCHED})), lower(:q)) > 0`, { q });
      return pageOf(query, 'account.sub', page);
    });
    return rows.map(fromRow);
  }

  /** The changed account. Undefined if the one that is stored is no longer `before`. */
  async change(transaction: Transaction, before: Account, change: Change, now: Date): Promise<Account | undefined> {
    const { sub, version } = before;
    const { profile, locked, passwordHash } = change;
    const shown = { profile, locked, version: version + 1 };
    const columns = { ...shown, updatedAt: now, ...(passwordHash !== null && { passwordHash }) };
    const isChanged = await updateIf(await transaction.repository(accountsTable), { sub, version, removed: false }, columns);
    return isChanged ? { ...before, ...shown, updated_at: now } : undefined;
  }

  /** Must affect a row: it does not if the account has another password by now. */
  requirePassword(on: Writer, sub: string, passwordHash: string): void {
    on.enqueue(requirePassword, [sub, passwordHash]);
  }

  /** Puts a hash of today's cost in the place of `before`. False if that is no longer the one that is stored. */
  async rehash(sub: string, before: string, after: string): Promise<boolean> {
    return (await this.database.query(rehash, [sub, before, after])).length === 1;
  }

  /** Removes what is known of the person and keeps the names taken. False if `version` is no longer the one that is stored. */
  async softDelete(transaction: Transaction, sub: string, version: number, now: Date): Promise<boolean> {
    const person = { username: undefined, passwordHash: undefined, profile: {} };
    const columns = { ...person, removed: true, version: version + 1, updatedAt: now };
    return updateIf(await transaction.repository(accountsTable), { sub, version, removed: false }, columns);
  }
}

/** An account that lives has a username. */
function fromRow({ username = '', createdAt, updatedAt, ...row }: ShownRow): Account {
  const { sub, profile, locked, version } = row;
  return { sub, username, profile, locked, version, created_at: createdAt, updated_at: updatedAt };
}
