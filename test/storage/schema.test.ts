import { DataSource } from 'typeorm';
import { sql } from '#test/database.js';
import { startServer, type TestServer } from '#test/server.js';

/** The table of the migration runner, which belongs to no module. */
const RUNNER = 'migrations';

describe('the schema', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });

  afterAll(() => server.close());

  it('as the migrations create it matches the entity schemas', async () => {
    const { upQueries } = await server.app.get(DataSource).driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('has an entity schema for every table', async () => {
    const tables = await sql<{ name: string }>(
      server.databaseUrl,
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    const described = server.app.get(DataSource).entityMetadatas.map(({ tableName }) => tableName);
    expect(tables.map(({ name }) => name).sort()).toEqual([...described, RUNNER].sort());
  });

  it('has views for statements of other modules only for accounts and for the users of sessions', async () => {
    const inPublic = "table_schema = 'public'";
    const views = await sql(server.databaseUrl, `SELECT table_name AS name FROM information_schema.views WHERE ${inPublic} ORDER BY 1`);
    expect(views).toEqual([{ name: 'living_accounts' }, { name: 'session_users' }]);
  });

  it('has no foreign key across modules', async () => {
    const references = await sql<{ source: string; target: string }>(
      server.databaseUrl,
      "SELECT conrelid::regclass::text AS source, confrelid::regclass::text AS target FROM pg_constraint WHERE contype = 'f'",
    );
    expect(references).toEqual([{ source: 'client_secrets', target: 'clients' }]);
  });
});
