import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const E2E = join(import.meta.dirname, '../e2e');

/** The rows of docs/protocol.md that are implemented. */
const IMPLEMENTED = [
  ...rows('R', 1, 12, [10]),
  ...rows('A', 1, 23, [10]),
  ...rows('T', 1, 24, [11]),
  ...rows('F', 1, 7),
];

function rows(letter: string, first: number, last: number, except: readonly number[] = []): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    .filter((number) => !except.includes(number))
    .map((number) => `${letter}${String(number)}`);
}

function titles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((file) => file.isFile() && file.name.endsWith('.test.ts'))
    .flatMap((file) => titlesIn(readFileSync(join(file.parentPath, file.name), 'utf8')));
}

/** The titles in `it(…)`, `it.each(…)(…)` and `describe(…)`. */
function titlesIn(source: string): string[] {
  const calls = /\b(?:it|test|describe)(?:\.each\([\s\S]*?\)(?=\())?\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/g;
  return [...source.matchAll(calls)].map(([, , title = '']) => title);
}

describe('the rows of docs/protocol.md', () => {
  const all = titles(E2E);

  it.each(IMPLEMENTED)('%s is in the title of a test over HTTP', (row) => {
    expect(all.filter((title) => new RegExp(String.raw`\b${row}\b`).test(title))).not.toHaveLength(0);
  });
});
