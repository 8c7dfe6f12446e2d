/**
 * The long form of the races: `npm run races -- --rounds 20`, or `--race <part of a name>` for some of them. Prints the counts of
 * every race as a table in Markdown, and ends with 1 where a promise was broken, or where the broken store was not seen to break one.
 */
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '#embedded-postgres/start-embedded-postgres.js';
import { openPair, type Pair, type Store } from './pair.js';
import type { Race } from './race.js';
import { RACES, type Result, run, runUntilSeen } from './races.js';

const { values: asked } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, race: { type: 'string', default: '' } } });

async function withPostgres<T>(work: () => Promise<T>): Promise<T> {
  if (process.env['TEST_DATABASE_URL'] !== undefined) return work();
  const dataDirectory = mkdtempSync(join(tmpdir(), 'gatehouse-races-'));
  // Passable for the account that root's Postgres runs as, so that the data stay in here and are removed with it.
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
  const kept = await run(race, sound, { rounds: Number(asked.rounds) });
  const seen = await runUntilSeen(race, broken);
  const sight = seen.violations.find((violation) => race.seenBroken.test(violation));
  const ofBroken = sight === undefined ? 'NOT SEEN TO FAIL' : `${sight.replace(/: [\s\S]*/, '')} (round ${String(seen.rounds)})`;
  print(race.name, String(kept.rounds), countsOf(kept), String(kept.violations.length), ofBroken);
  for (const violation of kept.violations) process.stderr.write(`${race.name}: ${violation}\n`);
  return kept.violations.length === 0 && sight !== undefined;
}

async function main(): Promise<boolean> {
  const races = RACES.filter(({ name }) => name.includes(asked.race));
  print('race', 'rounds', 'outcomes', 'broken promises', 'the same check over the broken store');
  print('---', '--:', '---', '--:', '---');
  return withPair('sound', (sound) => withPair('broken', async (broken) => {
    let well = races.length > 0;
    for (const race of races) well = (await report(race, sound, broken)) && well;
    return well;
  }));
}

if (!(await withPostgres(main))) process.exitCode = 1;
