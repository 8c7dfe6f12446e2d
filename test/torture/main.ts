/** `npm run torture -- --rounds 50 --seed 1`: prints each round and the counts. The exit code is 1 if an invariant was violated. */
import { parseArgs } from 'node:util';
import { torture } from './rounds.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    workers: { type: 'string', default: '8' },
  },
});
const { rounds, seed, workers } = values;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

print(`seed ${seed}`);
const { problems, counts } = await torture({
  rounds: Number(rounds),
  seed: Number(seed),
  workers: Number(workers),
  waitsForLeases: true,
  print,
});
for (const [name, count] of Object.entries(counts)) print(`${String(count).padStart(9)}  ${name}`);
print(problems.length === 0 ? 'every invariant held' : `${problems.length} violations:`);
for (const problem of problems) print(`  ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
