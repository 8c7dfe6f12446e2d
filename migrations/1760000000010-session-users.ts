import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: authentication. Whose a session is, for statements of other modules; `sub` has the collation of theirs. */
export class SessionUsers1760000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE VIEW session_users AS SELECT expires_at, secret_hash, sub COLLATE "default" AS sub FROM sessions');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW session_users');
  }
}
