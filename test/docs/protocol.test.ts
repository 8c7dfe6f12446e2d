import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.cwd();
const ROW = /^\| ([ARTF]\d{1,2}) \|.*\| ([^|]+) \|$/gm;
const IDENTIFIER = /\b[ARTF]\d{1,2}\b/g;

const rows = [...readFileSync(join(root, 'docs/protocol.md'), 'utf8').matchAll(ROW)].map(([, id = '', proof = '']) => {
  const files = [...proof.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
  return { id, files };
});

/** The identifiers of rows in the titles of a test file. */
function identifiersIn(file: string): string[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const titles = lines.filter((line) => /^\s*(describe|it)\b|^\s*\][^,]*\(['"`]/.test(line));
  return titles.flatMap((title) => title.match(IDENTIFIER) ?? []);
}

describe('docs/protocol.md', () => {
  it('has each row once', () => {
    const ids = rows.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(60);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(rows.flatMap(({ id, files }) => files.map((file) => [id, file] as const)))('%s is in the title of a test in %s', (id, file) => {
    expect(identifiersIn(file)).toContain(id);
  });

  it('has a row for every identifier in the titles of the tests over HTTP', () => {
    const files = readdirSync(join(root, 'test/e2e'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
    const ids = new Set(files.flatMap((file) => identifiersIn(join('test/e2e', file))));
    expect(ids.size).toBeGreaterThan(30);
    expect([...ids].filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
  });
});
