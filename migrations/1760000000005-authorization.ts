import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: authorization. Rows that expire have their expiry in front of their key; none refers to a table of another module. */
export class Authorization1760000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE authorization_requests (
        expires_at timestamptz NOT NULL,
        hash bytea NOT NULL,
        browser_hash bytea NOT NULL,
        request jsonb NOT NULL,
        initial_sid uuid,
        decision text CHECK (decision IN ('allow', 'deny')),
        decided_sid uuid,
        PRIMARY KEY (expires_at, hash)
      )`);
    await runner.query(`
      CREATE TABLE authorization_codes (
        expires_at timestamptz NOT NULL,
        hash bytea NOT NULL,
        issued_at timestamptz NOT NULL,
        grant_id uuid NOT NULL,
        client_id text NOT NULL,
        sub text NOT NULL,
        scope text NOT NULL,
        redirect_uri text,
        code_challenge text,
        code_challenge_method text,
        nonce text,
        claims jsonb,
        sid uuid NOT NULL,
        authenticator text NOT NULL,
        acr text NOT NULL,
        amr text[] NOT NULL,
        auth_time timestamptz NOT NULL,
        redeemed_at timestamptz,
        replayed_at timestamptz,
        PRIMARY KEY (expires_at, hash)
      )`);
    await runner.query(`
      CREATE TABLE consents (
        sub text NOT NULL,
        client_id text NOT NULL,
        scope text[] NOT NULL,
        granted_at timestamptz NOT NULL,
        PRIMARY KEY (sub, client_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE consents, authorization_codes, authorization_requests');
  }
}
