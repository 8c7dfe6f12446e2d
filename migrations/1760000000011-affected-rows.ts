import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: database. The domain behind `mustAffectRow`, under the names that the code has for it: a claim is a term of OpenID Connect. */
export class AffectedRows1760000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER DOMAIN claimed_rows RENAME CONSTRAINT nothing_claimed TO no_row_affected');
    await runner.query('ALTER DOMAIN claimed_rows RENAME TO affected_rows');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER DOMAIN affected_rows RENAME TO claimed_rows');
    await runner.query('ALTER DOMAIN claimed_rows RENAME CONSTRAINT no_row_affected TO nothing_claimed');
  }
}
