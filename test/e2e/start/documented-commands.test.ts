/** Runs every command of the README, `docs/` and `examples/` in a shell, page by page, as a reader with a browser would. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pagesForReaders, type Step, stepsOf } from '#test/documented-commands.js';
import { PromptAnswers } from '#test/documented-prompts.js';
import { type ServerProcess, spawnServer } from '#test/server-process.js';
import { Shell } from '#test/shell.js';
import { differences } from '#test/documented-output.js';
import { dataDirectory, REPOSITORY } from '#test/run-program.js';

/** The issuer in the pages. The server of this test listens on another port. */
const ISSUER = 'http://localhost:9000';
/** Matches a shown output in which the server answers with an error. */
const REFUSAL = /^HTTP\/1\.1 [45]|"error":|"status": [45]/m;

const pages = pagesForReaders().map(({ page, text }) => ({ page, text, steps: stepsOf(text) }));
const runPages = pages.map(({ page, steps }) => ({ page, steps: steps.filter(({ notRun }) => notRun === undefined) }))
  .filter(({ steps }) => steps.length > 0);

/** A directory with links to the files of the repository and to the data of the server. Files that commands create stay in it. */
function workingDirectory(data: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'));
  const linked = readdirSync(REPOSITORY).filter((name) => !['.gatehouse', '.env', '.git'].includes(name));
  for (const name of linked) symlinkSync(join(REPOSITORY, name), join(directory, name));
  symlinkSync(data, join(directory, '.gatehouse'));
  return directory;
}

function titleOf({ line, commands }: Step): string {
  return `line ${String(line)}: ${commands.split('\n')[0] ?? ''}`;
}

describe('the documented commands', () => {
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
    let answers: PromptAnswers;
    let directory: string;
    beforeAll(() => {
      directory = workingDirectory(data);
      shell = new Shell(directory);
      answers = new PromptAnswers(issuer, server.output());
    });
    afterAll(async () => {
      await shell.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const withIssuer = (text: string): string => text.replaceAll(ISSUER, issuer);

    it.each(steps.map((step) => [titleOf(step), step] as const))('%s', async (_, { commands, shown }) => {
      const refused = REFUSAL.test(shown?.text ?? '');
      const printed = await shell.run(withIssuer(commands), { lines: await answers.answersTo(commands), refused });
      expect(printed).toMatchObject({ ok: true, stderr: '' });
      answers.noteOutput(printed.stdout);
      if (shown !== undefined) expect(differences(shown.language, withIssuer(shown.text), printed.stdout)).toEqual([]);
    }, 30_000);
  });
});

describe('the commands that are not run', () => {
  const all = pages.flatMap(({ page, steps }) => steps.map((step) => ({ page, ...step })));
  const excluded = all.filter(({ notRun }) => notRun !== undefined);

  it('are these four', () => {
    expect(excluded.map(({ page, commands }) => `${page}: ${commands.split('\n')[0]?.replace(/ --port.*/, ' …') ?? ''}`)).toEqual([
      'README.md: npm ci && npm start',
      'docs/operations.md: PGPASSWORD=$(cat .gatehouse/postgres.password) pg_dump --host=127.0.0.1 …',
      'docs/operations.md: docker compose up --build --wait',
      'examples/README.md: bash examples/curl/flow.sh',
    ]);
  });

  it('name only existing files as their tests', () => {
    const named = excluded.flatMap(({ notRun = '' }) => notRun.match(/test\/[\w/.-]+\.(?:ts|mjs)/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((file) => !existsSync(join(REPOSITORY, file)))).toEqual([]);
  });
});

it('every npm script that a page names is in package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = pages.flatMap(({ text }) => text.match(/npm run [\w-]+/g) ?? []);
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((command) => !(command.replace('npm run ', '') in scripts))).toEqual([]);
});
