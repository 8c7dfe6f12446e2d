import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: token. Rows that expire have their expiry in front of their key; none refers to a table of another module. */
export class Token1760000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE grants (
        id uuid PRIMARY KEY,
        expires_at timestamptz NOT NULL,
        client_id text NOT NULL,
        sub text NOT NULL,
        scope text NOT NULL,
        claims jsonb,
        sid uuid NOT NULL,
        acr text NOT NULL,
        amr text[] NOT NULL,
        auth_time timestamptz NOT NULL,
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
      )`);
    await runner.query('CREATE INDEX grants_expires_at ON grants (expires_at)');
    await runner.query('CREATE INDEX grants_sub ON grants (sub)');
    await runner.query('CREATE INDEX grants_client_id ON grants (client_id)');
    await runner.query(`
      CREATE TABLE access_tokens (
        expires_at timestamptz NOT NULL,
        hash bytea NOT NULL,
        grant_id uuid,
        client_id text NOT NULL,
        scope text NOT NULL,
        audience text[] NOT NULL,
        issued_at timestamptz NOT NULL,
        PRIMARY KEY (expires_at, hash)
      )`);
    await runner.query(`
      CREATE TABLE refresh_tokens (
        expires_at timestamptz NOT NULL,
        hash bytea NOT NULL,
        grant_id uuid NOT NULL,
        rotated_at timestamptz,
        rotated_scope text,
        sealed_successor bytea,
        PRIMARY KEY (expires_at, hash)
      )`);
    await runner.query(`
      CREATE TABLE signing_keys (
        kid text PRIMARY KEY,
        alg text NOT NULL,
        state text NOT NULL,
        public_jwk jsonb NOT NULL,
        sealed_private_key bytea NOT NULL,
        created_at timestamptz NOT NULL
      )`);
    await runner.query("CREATE UNIQUE INDEX signing_keys_active ON signing_keys (alg) WHERE state = 'active'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE signing_keys, refresh_tokens, access_tokens, grants');
  }
}
