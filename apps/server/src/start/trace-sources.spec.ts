import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceSources } from './trace-sources.js';

const own = Error.prepareStackTrace;
const folder = mkdtempSync(join(tmpdir(), 'trace-'));
const file = join(folder, 'server-A.cjs');

afterEach(() => {
  Error.prepareStackTrace = own;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The stack of `error`, as if it was thrown at line 1, column 11 of the file. */
function stackOf(error: Error): unknown {
  traceSources(file);
  const frame = {
    getFileName: () => file,
    getLineNumber: () => 1,
    getColumnNumber: () => 11,
    toString: () => `work (${file}:1:11)`,
  } as unknown as NodeJS.CallSite;
  return Error.prepareStackTrace(error, [frame]);
}

test('a stack frame of the file has the position in the source', () => {
  // Line 1, column 10 (counted from 0) maps to line 3, column 4 (counted from 0) of the first source.
  const map = { version: 3, sources: ['libs/$&/work.ts'], names: [], mappings: 'UAEI' };
  writeFileSync(`${file}.map`, JSON.stringify(map));
  expect(stackOf(new TypeError('no'))).toMatch(/^TypeError: no\n {4}at work \(.*libs\/\$&\/work\.ts:3:5\)$/);
});

test('an error has a stack even if a build has removed the source map', () => {
  rmSync(`${file}.map`, { force: true });
  expect(stackOf(new TypeError('no'))).toBe(`TypeError: no\n    at work (${file}:1:11)`);
});

test('an error that cannot be converted to a string has a stack too', () => {
  expect(stackOf(Object.create(null) as Error)).toBe(`Error\n    at work (${file}:1:11)`);
});
