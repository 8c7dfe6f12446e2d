import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: events. The log, who listens to which type of event, and what is still to be handed to whom. */
export class Events1760000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_log (
        position bigint PRIMARY KEY,
        id uuid NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        time timestamptz NOT NULL,
        trace_id text,
        data jsonb NOT NULL
      )`);
    await runner.query('CREATE INDEX event_log_type_position ON event_log (type, position)');
    await runner.query(`
      CREATE TABLE event_handlers (
        handler text NOT NULL,
        type text NOT NULL,
        seen_at timestamptz NOT NULL,
        PRIMARY KEY (handler, type)
      )`);
    await runner.query(`
      CREATE TABLE event_deliveries (
        handler text NOT NULL,
        position bigint NOT NULL,
        attempts integer NOT NULL,
        next_attempt_at timestamptz NOT NULL,
        PRIMARY KEY (handler, position)
      )`);
    await runner.query('CREATE INDEX event_deliveries_due ON event_deliveries (handler, next_attempt_at, position)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE event_deliveries');
    await runner.query('DROP TABLE event_handlers');
    await runner.query('DROP TABLE event_log');
  }
}
