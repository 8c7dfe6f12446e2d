import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const BLACK_BOX = join(import.meta.dirname, '../e2e');

/** The rows of docs/protocol.md that are built. */
const BUILT = [
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

/** What stands between the quotes behind `it(`, `it.each(…)(` and `describe(`. */
function titlesIn(source: string): string[] {
  const calls = /\b(?:it|test|describe)(?:\.each\([\s\S]*?\)(?=\())?\(\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/g;
  return [...source.matchAll(calls)].map(([, , title = '']) => title);
}

describe('the rows of the wire contract', () => {
  const all = titles(BLACK_BOX);

  it.each(BUILT)('%s stands in the title of a black-box test', (row) => {
    expect(all.filter((title) => new RegExp(String.raw`\b${row}\b`).test(title))).not.toHaveLength(0);
  });
});
