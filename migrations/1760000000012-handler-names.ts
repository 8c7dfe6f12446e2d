import type { MigrationInterface, QueryRunner } from 'typeorm';

const RENAMED = [
  ['ForgetCodes.whenPasswordChanged', 'DeleteCodes.whenPasswordChanged'],
  ['ForgetConsents.whenClientRemoved', 'DeleteConsents.whenClientRemoved'],
  ['ForgetConsents.whenAccountRemoved', 'DeleteConsents.whenAccountRemoved'],
] as const;

/** Owner: events. Deliveries are stored under the name of their handler: those of a renamed handler go on under its new name. */
export class HandlerNames1760000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [before, after] of RENAMED) await rename(runner, before, after);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [before, after] of RENAMED) await rename(runner, after, before);
  }
}

async function rename(runner: QueryRunner, before: string, after: string): Promise<void> {
  for (const table of ['event_handlers', 'event_deliveries']) {
    await runner.query(`UPDATE ${table} SET handler = $2 WHERE handler = $1`, [before, after]);
  }
}
