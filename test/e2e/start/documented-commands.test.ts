/** Types every command of the README and of `docs/` into a shell, page by page, as a newcomer with a browser would. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pagesForReaders, type Step, stepsOf } from '#test/documented.js';
import { Newcomer } from '#test/newcomer.js';
import { type ServerProcess, spawnServer } from '#test/process.js';
import { Shell } from '#test/shell.js';
import { differences } from '#test/shown.js';
import { dataDirectory, REPOSITORY } from '#test/start.js';

/** Of the server that the pages speak of; the one of this test listens elsewhere. */
const ISSUER = 'http://localhost:9000';
/** How a page shows that the server says no. */
const REFUSAL = /^HTTP\/1\.1 [45]|"error":|"status": [45]/m;

const pages = pagesForReaders().map(({ page, text }) => ({ page, text, steps: stepsOf(text) }));
const runPages = pages.map(({ page, steps }) => ({ page, steps: steps.filter(({ notRun }) => notRun === undefined) }))
  .filter(({ steps }) => steps.length > 0);

/** A directory in which the repository seems to lie, with the data of that server and room for what commands leave behind. */
function workplace(data: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'));
  const shown = readdirSync(REPOSITORY).filter((name) => !['.gatehouse', '.env', '.git'].includes(name));
  for (const name of shown) symlinkSync(join(REPOSITORY, name), join(directory, name));
  symlinkSync(data, join(directory, '.gatehouse'));
  return directory;
}

function titleOf({ line, commands }: Step): string {
  return `line ${String(line)}: ${commands.split('\n')[0] ?? ''}`;
}

describe('the commands', () => {
  let data: string;
  let server: ServerProcess;
  let issuer: string;
  beforeAll(async () => {
    data = dataDirectory();
    server = await spawnServer({ GATEHOUSE_DATA: data });
    issuer = server.url.replace('127.0.0.1', 'localhost');
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }, 60_000);

  describe.each(runPages)('of $page', ({ steps }) => {
    let shell: Shell;
    let newcomer: Newcomer;
    let directory: string;
    beforeAll(() => {
      directory = workplace(data);
      shell = new Shell(directory);
      newcomer = new Newcomer(issuer, server.output());
    });
    afterAll(async () => {
      await shell.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const here = (text: string): string => text.replaceAll(ISSUER, issuer);

    it.each(steps.map((step) => [titleOf(step), step] as const))('%s', async (_, { commands, shown }) => {
      const refused = REFUSAL.test(shown?.text ?? '');
      const printed = await shell.run(here(commands), { lines: await newcomer.answers(commands), refused });
      expect(printed).toMatchObject({ ok: true, stderr: '' });
      newcomer.reads(printed.stdout);
      if (shown !== undefined) expect(differences(shown.language, here(shown.text), printed.stdout)).toEqual([]);
    }, 30_000);
  });
});

describe('the commands that are not run', () => {
  const left = pages.flatMap(({ page, steps }) => steps.map((step) => ({ page, ...step }))).filter(({ notRun }) => notRun !== undefined);

  it('are these', () => {
    expect(left.map(({ page, commands }) => `${page}: ${commands.split('\n')[0]?.replace(/ --port.*/, ' …') ?? ''}`)).toEqual([
      'README.md: npm ci && npm start',
      'docs/operations.md: PGPASSWORD=$(cat .gatehouse/postgres.password) pg_dump --host=127.0.0.1 …',
      'docs/operations.md: docker compose up --build --wait',
      'examples/README.md: bash examples/curl/flow.sh',
    ]);
  });

  it('name tests that are there, where they name tests', () => {
    const named = left.flatMap(({ notRun = '' }) => notRun.match(/test\/[\w/.-]+\.(?:ts|mjs)/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((file) => !existsSync(join(REPOSITORY, file)))).toEqual([]);
  });
});

it('the scripts that pages name are those of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = pages.flatMap(({ text }) => text.match(/npm run [\w-]+/g) ?? []);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((command) => !(command.replace('npm run ', '') in scripts))).toEqual([]);
});
