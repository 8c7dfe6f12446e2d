import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: authorization. The answer of the consent page ends its request in the same transaction, so that it is stored with it no more. */
export class ConsentEndsTheRequest1760000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE authorization_requests DROP COLUMN decision, DROP COLUMN decided_sid');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE authorization_requests
      ADD COLUMN decision text CHECK (decision IN ('allow', 'deny')), ADD COLUMN decided_sid uuid`);
  }
}
