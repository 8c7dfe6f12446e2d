import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: kernel. The number of rows that a claim has changed: none is an error of this name, which undoes the transaction. */
export class Claims1760000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE DOMAIN claimed_rows AS bigint CONSTRAINT nothing_claimed CHECK (VALUE > 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP DOMAIN claimed_rows');
  }
}
