import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: authentication. Accounts, the sessions of their users, and the attempts that slow further ones down. */
export class Authentication1760000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A removed account stays as a row without personal data: its sub and its username are never given again.
    await runner.query(`
      CREATE TABLE accounts (
        sub text COLLATE "C" CONSTRAINT accounts_pkey PRIMARY KEY,
        username text,
        username_key text COLLATE "C" NOT NULL CONSTRAINT accounts_username_key_key UNIQUE,
        password_hash text,
        profile jsonb NOT NULL,
        locked boolean NOT NULL,
        removed boolean NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    // The key begins with time: new sessions lie together in the index, and expired ones go as one range.
    await runner.query(`
      CREATE TABLE sessions (
        expires_at timestamptz NOT NULL,
        secret_hash bytea NOT NULL,
        sid uuid NOT NULL,
        sub text COLLATE "C" NOT NULL,
        authenticator text NOT NULL,
        acr text NOT NULL,
        amr text[] NOT NULL,
        auth_time timestamptz NOT NULL,
        last_used_at timestamptz NOT NULL,
        CONSTRAINT sessions_pkey PRIMARY KEY (expires_at, secret_hash)
      )`);
    await runner.query('CREATE INDEX sessions_sub_idx ON sessions (sub)');
    await runner.query(`
      CREATE TABLE login_failures (
        key bytea CONSTRAINT login_failures_pkey PRIMARY KEY,
        blocked_until timestamptz NOT NULL,
        forgotten_at timestamptz NOT NULL
      )`);
    await runner.query('CREATE INDEX login_failures_forgotten_at_idx ON login_failures (forgotten_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE login_failures');
    await runner.query('DROP TABLE sessions');
    await runner.query('DROP TABLE accounts');
  }
}
