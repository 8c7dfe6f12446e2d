/**
 * `npm run bench`: what an operation costs on this server, on oidc-provider and on the floor, side by side.
 *
 *   --growth                   instead: on this server with 0, 100 000 and 1 000 000 codes and tokens
 *   --budget                   instead: where the time of this server goes
 *   --sweep                    instead: what it costs to take 1 000 000 expired rows away, and what requests notice of it
 *   --all                      all four
 *   --write                    puts the results into docs/performance.md
 *   --rounds 5                 after a warm-up of ten; for the budget as many in one
 *   --only redeem,refresh      of flow, session, redeem, refresh, credentials, userinfo, discovery
 *   --subjects gatehouse,floor of gatehouse, oidc-provider, floor
 *   --rows 100000              codes and tokens of each kind that are stored before
 *
 * The exit code is 1 where a bound is missed.
 */
import { parseArgs } from 'node:util';
import { drawUpBudget } from './budget/budget.js';
import { type Cluster, startCluster } from './cluster.js';
import { compare } from './compare.js';
import { writeResults } from './document.js';
import { OPERATIONS } from './operations.js';
import { installSubject, type Kind, type Subject } from './subject.js';
import { floor } from './subjects/floor.js';
import { gatehouse } from './subjects/gatehouse.js';
import { oidcProvider } from './subjects/oidc-provider.js';
import { measureSweeps } from './sweep/sweep.js';
import { sweepTable, sweepVerdicts } from './sweep/table.js';
import { budgetTable, costTable, growthTable, hottestFunctions, memoryTable, sequence, tripsTable, verdicts } from './tables.js';
import { countTrips } from './trips.js';

const KINDS = [gatehouse, oidcProvider, floor];
const SIZES = [0, 100_000, 1_000_000];
const EXPIRED = 1_000_000;
const { values: options } = parseArgs({
  options: {
    growth: { type: 'boolean', default: false },
    budget: { type: 'boolean', default: false },
    sweep: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '100000' },
    only: { type: 'string', default: OPERATIONS.map(({ name }) => name).join(',') },
    subjects: { type: 'string', default: KINDS.map(({ name }) => name).join(',') },
  },
});
const rounds = Number(options.rounds);
const operations = OPERATIONS.filter(({ name }) => options.only.split(',').includes(name));
/** As it was said, for whoever repeats the measurement. */
const chosen = [
  operations.length === OPERATIONS.length ? '' : ` --only ${options.only}`,
  options.rows === '100000' ? '' : ` --rows ${options.rows}`,
].join('');
const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Wanted {
  readonly kind: Kind;
  readonly label: string;
  readonly rows: number;
}

type Work = (subjects: readonly Subject[]) => Promise<string>;

async function withSubjects(cluster: Cluster, wanted: readonly Wanted[], work: Work): Promise<string> {
  const subjects: Subject[] = [];
  try {
    for (const { kind, ...installation } of wanted) {
      say(`installing ${installation.label}, ${String(installation.rows)} codes and tokens of each kind`);
      subjects.push(await installSubject(kind, cluster, installation));
    }
    return await work(subjects);
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

function costs(cluster: Cluster): Promise<string> {
  const kinds = KINDS.filter(({ name }) => options.subjects.split(',').includes(name));
  const wanted = kinds.map((kind) => ({ kind, label: kind.name, rows: Number(options.rows) }));
  return withSubjects(cluster, wanted, async (subjects) => {
    const comparison = await compare({ cluster, subjects, operations, rounds, say });
    const trips = [];
    for (const subject of subjects) trips.push(...await countTrips(subject, operations));
    say(trips.filter(({ subject }) => subject === 'gatehouse').map(sequence).join('\n'));
    return [costTable(comparison), tripsTable(trips), memoryTable(comparison), verdicts(comparison)].join('\n\n');
  });
}

function growth(cluster: Cluster): Promise<string> {
  const wanted = SIZES.map((rows) => ({ kind: gatehouse, label: `${String(rows)} rows`, rows }));
  const growing = operations.filter(({ name }) => name !== 'discovery');
  return withSubjects(cluster, wanted, async (subjects) =>
    growthTable(await compare({ cluster, subjects, operations: growing, rounds, say })));
}

async function budget(cluster: Cluster): Promise<string> {
  const budgets = await drawUpBudget({ cluster, operations, rows: Number(options.rows), rounds });
  say(budgets.map((one) => hottestFunctions(one)).join('\n\n'));
  return budgetTable(budgets);
}

async function sweep(cluster: Cluster): Promise<string> {
  const figures = await measureSweeps(cluster, EXPIRED, say);
  return [sweepTable(figures), sweepVerdicts(figures)].join('\n\n');
}

const ofOperations = ` --rounds ${String(rounds)}${chosen}`;
const parts = [
  { name: 'costs', flag: ofOperations, wanted: options.all || !(options.growth || options.budget || options.sweep), measure: costs },
  { name: 'growth', flag: ` --growth${ofOperations}`, wanted: options.all || options.growth, measure: growth },
  { name: 'budget', flag: ` --budget${ofOperations}`, wanted: options.all || options.budget, measure: budget },
  { name: 'sweep', flag: ' --sweep', wanted: options.all || options.sweep, measure: sweep },
];
for (const { name, flag, measure } of parts.filter(({ wanted }) => wanted)) {
  const cluster = await startCluster();
  try {
    const results = await measure(cluster);
    say(`\n${results}\n`);
    if (results.includes('**missed**')) process.exitCode = 1;
    if (options.write) writeResults(name, `npm run bench --${flag}`, results);
  } finally {
    await cluster.stop();
  }
}
