import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: authentication. A session has a list of methods, each with its time, in place of the one method that began it. */
export class SessionMethods1760000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions ADD COLUMN methods jsonb');
    await runner.query(`
      UPDATE sessions SET methods = jsonb_build_array(jsonb_build_object(
        'authenticator', authenticator, 'acr', acr, 'amr', to_jsonb(amr),
        'at', to_char(auth_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))`);
    await runner.query(`
      ALTER TABLE sessions ALTER COLUMN methods SET NOT NULL,
        DROP COLUMN authenticator, DROP COLUMN acr, DROP COLUMN amr, DROP COLUMN auth_time`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions ADD COLUMN authenticator text, ADD COLUMN acr text, ADD COLUMN amr text[], ADD COLUMN auth_time timestamptz`);
    await runner.query(`
      UPDATE sessions SET authenticator = methods->-1->>'authenticator', acr = methods->-1->>'acr',
        amr = ARRAY(SELECT jsonb_array_elements_text(methods->-1->'amr')), auth_time = (methods->-1->>'at')::timestamptz`);
    await runner.query(`
      ALTER TABLE sessions ALTER COLUMN authenticator SET NOT NULL, ALTER COLUMN acr SET NOT NULL, ALTER COLUMN amr SET NOT NULL,
        ALTER COLUMN auth_time SET NOT NULL, DROP COLUMN methods`);
  }
}
