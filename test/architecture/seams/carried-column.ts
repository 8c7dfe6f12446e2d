import type { Seam } from './seam.js';

/** A parameter of the authorization request that becomes a claim of the ID token. */
export const carriedColumn: Seam = {
  row: 'a column from the request to the token',
  goal: 4,
  added: {
    'migrations/1790000000001-reason.ts': `
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Reason1790000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of ['authorization_codes', 'grants']) await runner.query(\`ALTER TABLE \${table} ADD COLUMN reason text\`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['authorization_codes', 'grants']) await runner.query(\`ALTER TABLE \${table} DROP COLUMN reason\`);
  }
}
`,
  },
  edits: [
    {
      file: 'libs/authorization/src/domain/read-request.ts',
      anchor: 'export const REQUEST_READERS = {\n',
      text: "  reason: { id: 'reason', section: 'RFC 6749 §8.2', read: readParameter('reason') },\n",
    },
    {
      file: 'libs/authorization/src/published/authorized-columns.ts',
      anchor: 'export const AUTHORIZED_COLUMNS = {\n',
      text: '  reason: optional(text()),\n',
    },
    { file: 'libs/token/src/domain/id-token.ts', anchor: "    purpose: 'id',\n", text: '    reason: authorized.reason,\n' },
    {
      file: 'apps/server/src/start/migrations.ts',
      anchor: 'export const migrations = [\n',
      text: '  Reason1790000000001,\n',
    },
    {
      file: 'apps/server/src/start/migrations.ts',
      anchor: "import { Outbox1760000000001 } from '#migrations/1760000000001-outbox.js';\n",
      text: "import { Reason1790000000001 } from '#migrations/1790000000001-reason.js';\n",
    },
  ],
};
