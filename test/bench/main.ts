/**
 * `npm run bench`: what an operation costs on this server, on oidc-provider and on the floor, side by side.
 * `--budget` tells instead where the time of this server goes.
 * Options: --rounds 5, --only redeem,refresh, --subjects gatehouse,floor, --rows 100000.
 */
import { parseArgs } from 'node:util';
import { drawUpBudget } from './budget/budget.js';
import { startCluster } from './cluster.js';
import { compare } from './compare.js';
import { OPERATIONS } from './operations.js';
import { installSubject, type Subject } from './subject.js';
import { floor } from './subjects/floor.js';
import { gatehouse } from './subjects/gatehouse.js';
import { oidcProvider } from './subjects/oidc-provider.js';
import { budgetTable, costTable, hottestFunctions, memoryTable, verdicts } from './tables.js';

const KINDS = [gatehouse, oidcProvider, floor];
const { values } = parseArgs({
  options: {
    budget: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '100000' },
    only: { type: 'string', default: OPERATIONS.map(({ name }) => name).join(',') },
    subjects: { type: 'string', default: KINDS.map(({ name }) => name).join(',') },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const operations = OPERATIONS.filter(({ name }) => values.only.split(',').includes(name));
const kinds = KINDS.filter(({ name }) => values.subjects.split(',').includes(name));

const cluster = await startCluster();
const subjects: Subject[] = [];
try {
  if (values.budget) {
    const budgets = await drawUpBudget(cluster, operations, Number(values.rows));
    say([...budgets.map((budget) => hottestFunctions(budget)), budgetTable(budgets)].join('\n\n'));
  }
  for (const kind of values.budget ? [] : kinds) {
    say(`installing ${kind.name} with ${values.rows} codes and tokens of each kind`);
    subjects.push(await installSubject(kind, cluster, { label: kind.name, rows: Number(values.rows) }));
  }
  if (subjects.length > 0) {
  const comparison = await compare({ cluster, subjects, operations, rounds: Number(values.rounds), say });
  say(`\n${costTable(comparison)}\n\n${memoryTable(comparison)}\n\n${verdicts(comparison)}`);
  }
} finally {
  for (const subject of subjects) await subject.stop();
  await cluster.stop();
}
