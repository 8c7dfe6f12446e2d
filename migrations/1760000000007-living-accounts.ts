import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: authentication. What other modules may read of accounts within a statement of their own. */
export class LivingAccounts1760000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE VIEW living_accounts AS
      SELECT sub, username, profile, locked, version, created_at, updated_at FROM accounts WHERE NOT removed`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW living_accounts');
  }
}
