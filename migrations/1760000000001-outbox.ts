import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: kernel. Facts wait here, in the transaction that made them, until the relay moves them into the log. */
export class Outbox1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id uuid PRIMARY KEY,
        type text NOT NULL,
        subject text NOT NULL,
        time timestamptz NOT NULL,
        trace_id text,
        data jsonb NOT NULL
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE outbox');
  }
}
