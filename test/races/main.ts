/**
 * The long form of the races: `npm run races -- --rounds 20`; `--race <part of a name>` selects some. Prints the counts of every race as
 * a table in Markdown. The exit code is 1 if there was a violation, or if the check of a race found none over the broken store.
 */
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '#embedded-postgres/start-embedded-postgres.js';
import { openPair, type Pair, type Store } from './pair.js';
import type { Race } from './race.js';
import { RACES, type Result, run, runUntilViolation } from './races.js';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, race: { type: 'string', default: '' } } });

async function withPostgres<T>(work: () => Promise<T>): Promise<T> {
  if (process.env['TEST_DATABASE_URL'] !== undefined) return work();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-races-'));
  // Under root, Postgres runs as another account. With this mode that account can use the directory, so all data stay in it.
  chmodSync(dataDirectory, 0o711);
  const postgres = await startEmbeddedPostgres({ dataDirectory });
  process.env['TEST_DATABASE_URL'] = postgres.url;
  try {
    return await work();
  } finally {
    await postgres.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

async function withPair<T>(store: Store, work: (pair: Pair) => Promise<T>): Promise<T> {
  const pair = await openPair(store);
  try {
    return await work(pair);
  } finally {
    await pair.close();
  }
}

function print(...cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

function countsOf({ counts }: Result): string {
  return Object.entries(counts).map(([outcome, count]) => `${String(count)} ${outcome}`).join(', ');
}

async function report(race: Race, sound: Pair, broken: Pair): Promise<boolean> {
  const result = await run(race, sound, { rounds: Number(options.rounds) });
  const brokenResult = await runUntilViolation(race, broken);
  const expected = brokenResult.violations.find((violation) => race.brokenViolation.test(violation));
  const overBroken = expected === undefined ? 'DID NOT FAIL' : `${expected.replace(/: [\s\S]*/, '')} (round ${String(brokenResult.rounds)})`;
  print(race.name, String(result.rounds), countsOf(result), String(result.violations.length), overBroken);
  for (const violation of result.violations) process.stderr.write(`${race.name}: ${violation}\n`);
  return result.violations.length === 0 && expected !== undefined;
}

async function main(): Promise<boolean> {
  const races = RACES.filter(({ name }) => name.includes(options.race));
  print('race', 'rounds', 'outcomes', 'violations', 'the same check over the broken store');
  print('---', '--:', '---', '--:', '---');
  return withPair('sound', (sound) => withPair('broken', async (broken) => {
    let passed = races.length > 0;
    for (const race of races) passed = (await report(race, sound, broken)) && passed;
    return passed;
  }));
}

if (!(await withPostgres(main))) process.exitCode = 1;
