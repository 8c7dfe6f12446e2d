/**
 * `npm run bench`: compares the cost of each operation on this server, on oidc-provider and on the floor. Options:
 *
 *   --growth                   measures instead this server with 0, 100 000 and 1 000 000 codes and tokens
 *   --budget                   measures instead in which code this server spends its time
 *   --sweep                    measures instead the deletion of 1 000 000 expired rows, and its effect on requests
 *   --all                      measures all four
 *   --write                    writes the results into docs/performance.md
 *   --rounds 5                 the number of rounds after a warm-up of ten; the budget does all in one round
 *   --only redeem,refresh      some of flow, session, redeem, refresh, credentials, userinfo, discovery
 *   --subjects gatehouse,floor some of gatehouse, oidc-provider, floor
 *   --beside DIR               another checkout of this server, built, as one more subject, `before`
 *   --rows 100000              the number of codes and tokens of each kind that are stored before
 *
 * The exit code is 1 if a bound is missed.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { measureBudget } from './budget/budget.js';
import { type Cluster, startCluster } from './cluster.js';
import { compare } from './compare.js';
import { writeResults } from './document.js';
import { OPERATIONS } from './operations.js';
import { installSubject, type Kind, type Subject } from './subject.js';
import { floor } from './subjects/floor.js';
import { gatehouse } from './subjects/gatehouse.js';
import { oidcProvider } from './subjects/oidc-provider.js';
import { measureSweeps } from './sweep/sweep.js';
import { sweepTable, sweepBoundsTable } from './sweep/table.js';
import { budgetTable, costTable, growthTable, hottestFunctions, memoryTable, sequence, roundTripsTable, boundsTable } from './tables.js';
import { countRoundTrips } from './round-trips.js';

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
    beside: { type: 'string' },
    rows: { type: 'string', default: '100000' },
    only: { type: 'string', default: OPERATIONS.map(({ name }) => name).join(',') },
    subjects: { type: 'string', default: KINDS.map(({ name }) => name).join(',') },
  },
});
const rounds = Number(options.rounds);
const operations = OPERATIONS.filter(({ name }) => options.only.split(',').includes(name));
/** The options other than the defaults, for the command that is printed with the results. */
const chosenOptions = [
  operations.length === OPERATIONS.length ? '' : ` --only ${options.only}`,
  options.rows === '100000' ? '' : ` --rows ${options.rows}`,
].join('');
const print = (text: string): void => void process.stdout.write(`${text}\n`);

interface SubjectPlan {
  readonly kind: Kind;
  readonly label: string;
  readonly rows: number;
}

type Work = (subjects: readonly Subject[]) => Promise<string>;

async function withSubjects(cluster: Cluster, plans: readonly SubjectPlan[], work: Work): Promise<string> {
  const subjects: Subject[] = [];
  try {
    for (const { kind, ...installation } of plans) {
      print(`installing ${installation.label}, ${String(installation.rows)} codes and tokens of each kind`);
      subjects.push(await installSubject(kind, cluster, installation));
    }
    return await work(subjects);
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

async function costs(cluster: Cluster): Promise<string> {
  const chosen = KINDS.filter(({ name }) => options.subjects.split(',').includes(name));
  const kinds = options.beside === undefined ? chosen : [...chosen, await kindBefore(options.beside)];
  const plans = kinds.map((kind) => ({ kind, label: kind.name, rows: Number(options.rows) }));
  return withSubjects(cluster, plans, async (subjects) => {
    const comparison = await compare({ cluster, subjects, operations, rounds, print });
    const trips = [];
    for (const subject of subjects) trips.push(...await countRoundTrips(subject, operations));
    print(trips.filter(({ subject }) => subject === 'gatehouse').map(sequence).join('\n'));
    return [costTable(comparison), roundTripsTable(trips), memoryTable(comparison), boundsTable(comparison)].join('\n\n');
  });
}

/** This server as it is in another checkout, with the tables and rows of that version. */
async function kindBefore(checkout: string): Promise<Kind> {
  const module = pathToFileURL(resolve(checkout, 'test/bench/subjects/gatehouse.ts')).href;
  const { gatehouse: before } = (await import(module)) as { readonly gatehouse: Kind };
  return { ...before, name: 'before', checkout: resolve(checkout) };
}

function growth(cluster: Cluster): Promise<string> {
  const plans = SIZES.map((rows) => ({ kind: gatehouse, label: `${String(rows)} rows`, rows }));
  const growing = operations.filter(({ name }) => name !== 'discovery');
  return withSubjects(cluster, plans, async (subjects) =>
    growthTable(await compare({ cluster, subjects, operations: growing, rounds, print })));
}

async function budget(cluster: Cluster): Promise<string> {
  const budgets = await measureBudget({ cluster, operations, rows: Number(options.rows), rounds });
  print(budgets.map((one) => hottestFunctions(one)).join('\n\n'));
  return budgetTable(budgets);
}

async function sweep(cluster: Cluster): Promise<string> {
  const figures = await measureSweeps(cluster, EXPIRED, print);
  return [sweepTable(figures), sweepBoundsTable(figures)].join('\n\n');
}

const operationOptions = ` --rounds ${String(rounds)}${chosenOptions}`;
const parts = [
  { name: 'costs', flag: operationOptions, wanted: options.all || !(options.growth || options.budget || options.sweep), measure: costs },
  { name: 'growth', flag: ` --growth${operationOptions}`, wanted: options.all || options.growth, measure: growth },
  { name: 'budget', flag: ` --budget${operationOptions}`, wanted: options.all || options.budget, measure: budget },
  { name: 'sweep', flag: ' --sweep', wanted: options.all || options.sweep, measure: sweep },
];
for (const { name, flag, measure } of parts.filter(({ wanted }) => wanted)) {
  const cluster = await startCluster();
  try {
    const results = await measure(cluster);
    print(`\n${results}\n`);
    if (results.includes('**missed**')) process.exitCode = 1;
    if (options.write) writeResults(name, `npm run bench --${flag}`, results);
  } finally {
    await cluster.stop();
  }
}
