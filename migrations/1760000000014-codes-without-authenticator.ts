import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owner: authorization. Nothing reads which authenticator a code's session began with: acr, amr and auth_time say what tokens tell. */
export class CodesWithoutAuthenticator1760000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE authorization_codes DROP COLUMN authenticator');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("ALTER TABLE authorization_codes ADD COLUMN authenticator text NOT NULL DEFAULT 'username-password'");
    await runner.query('ALTER TABLE authorization_codes ALTER COLUMN authenticator DROP DEFAULT');
  }
}
