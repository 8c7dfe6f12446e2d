import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: client-registry. Metadata is one document, since it is read and written whole; IDs compare byte by byte. */
export class ClientRegistry1760000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE clients (
        client_id text COLLATE "C" PRIMARY KEY,
        metadata jsonb NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE client_secrets (
        id uuid PRIMARY KEY,
        client_id text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE,
        hash bytea NOT NULL,
        created_at timestamptz NOT NULL,
        expires_at timestamptz,
        last_used_at timestamptz
      )`);
    await runner.query('CREATE INDEX client_secrets_client_id_idx ON client_secrets (client_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE client_secrets');
    await runner.query('DROP TABLE clients');
  }
}
