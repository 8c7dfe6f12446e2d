/** The results as Markdown tables, for the terminal and for docs/performance.md. */
import type { Budget } from './budget/budget.js';
import type { Comparison, Figures } from './compare.js';
import { median } from './statistics.js';
import type { RoundTrips } from './round-trips.js';

/** The upper bound of the cost with a million codes and tokens, as a multiple of the cost without any. */
const GROWTH_BOUND = 1.3;
/** The upper bound of this server's memory after the benchmark, in MiB. */
const MEMORY_BOUND = 180;

export function costTable({ figures }: Comparison): string {
  return table(
    ['operation', 'subject', 'CPU ms', 'CPU ms of the server', 'CPU ms of Postgres', 'CPU as a multiple of the floor',
      'operations per second', 'p50 ms', 'p95 ms', 'p99 ms', 'bytes of write-ahead log'],
    figures.map((one) => [
      one.operation.title,
      one.subject,
      one.cpu.toFixed(2),
      one.server.toFixed(2),
      one.postgres.toFixed(2),
      multiple(multipleOf(figures, one, 'floor')),
      one.throughput.toFixed(0),
      one.p50.toFixed(1),
      one.p95.toFixed(1),
      one.p99.toFixed(1),
      one.wal.toFixed(0),
    ]),
  );
}

/** Each bound with the measured value and whether it holds. A bound is left out if there is nothing to compare with. */
export function boundsTable({ figures, memory }: Comparison): string {
  const rows = figures.filter(({ subject }) => subject === 'gatehouse').flatMap((one) => {
    const { title, bound } = one.operation;
    const floor = multipleOf(figures, one, 'floor');
    const provider = multipleOf(figures, one, 'oidc-provider');
    return [
      ...(bound === undefined ? [] : [boundRow(`${title} ≤ ${String(bound)} × the floor`, multiple(floor), floor <= bound)]),
      boundRow(`${title} below oidc-provider`, multiple(provider), provider < 1),
    ];
  });
  const used = memory.get('gatehouse') ?? Number.NaN;
  const memoryRow = boundRow(`memory ≤ ${String(MEMORY_BOUND)} MiB`, `${used.toFixed(0)} MiB`, used <= MEMORY_BOUND);
  return table(['bound', 'measured', 'result'], [...rows, memoryRow].filter(([, measured]) => !measured?.startsWith('–')));
}

export function memoryTable({ memory }: Comparison): string {
  return table(['subject', 'resident memory MiB'], [...memory].map(([subject, used]) => [subject, used.toFixed(0)]));
}

/** Microseconds per operation in the process of the server, one column for each operation. */
export function budgetTable(budgets: readonly Budget[]): string {
  const total = (areas: ReadonlyMap<string, number>): number => [...areas.values()].reduce((sum, us) => sum + us, 0);
  const names = [...new Set(budgets.flatMap(({ areas }) => [...areas.keys()]))];
  const weight = (name: string): number => budgets.reduce((sum, { areas }) => sum + (areas.get(name) ?? 0), 0);
  return table(['µs', ...budgets.map(({ operation }) => operation.title)], [
    ...names.sort((a, b) => weight(b) - weight(a)).map((name) => [name, ...budgets.map(({ areas }) => (areas.get(name) ?? 0).toFixed(0))]),
    ['**total**', ...budgets.map(({ areas }) => `**${total(areas).toFixed(0)}**`)],
  ]);
}

/** The functions with the most time of their own, for whoever wants to make the server faster. */
export function hottestFunctions({ operation, functions }: Budget, most = 40): string {
  const lines = [...functions].slice(0, most).map(([name, us]) => `${us.toFixed(1).padStart(8)}  ${name}`);
  return [operation.title, ...lines].join('\n');
}

export function roundTripsTable(trips: readonly RoundTrips[]): string {
  const subjects = [...new Set(trips.map(({ subject }) => subject))];
  const operations = [...new Set(trips.map(({ operation }) => operation))];
  return table(['round trips (statements)', ...subjects], operations.map((operation) => [
    operation.title,
    ...subjects.map((subject) => {
      const found = trips.find((one) => one.operation === operation && one.subject === subject);
      return found === undefined ? '–' : `${formatCount(found.roundTrips)} (${formatCount(found.statements)})`;
    }),
  ]));
}

/** The statements of one operation, in order. */
export function sequence({ operation, sequence: names }: RoundTrips): string {
  return `${operation.title}: ${names.length === 0 ? 'nothing' : names.join(', ')}`;
}

/** The figures of subjects with different numbers of stored rows, the first with none. */
export function growthTable({ figures }: Comparison): string {
  const operations = [...new Set(figures.map(({ operation }) => operation))];
  const sizes = [...new Set(figures.map(({ subject }) => subject))];
  const rows = operations.map((operation) => {
    const costs = figures.filter((one) => one.operation === operation);
    const growth = Math.max(...costs.slice(1).map((one) => multipleOf(figures, one, sizes[0] ?? '')));
    return [operation.title, ...costs.map(({ cpu }) => cpu.toFixed(2)), ...boundRow('', multiple(growth), growth <= GROWTH_BOUND).slice(1)];
  });
  return table(['CPU ms', ...sizes, 'highest as a multiple of 0 rows', `at most ${String(GROWTH_BOUND)}`], rows);
}

function formatCount(number: number): string {
  return Number.isInteger(number) ? String(number) : number.toFixed(1);
}

export function boundRow(bound: string, measured: string, holds: boolean): string[] {
  return [bound, measured, holds ? 'holds' : '**missed**'];
}

function multiple(ratio: number): string {
  return Number.isNaN(ratio) ? '–' : ratio.toFixed(2);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The CPU time as a multiple of that of another subject: the median of the multiples of all rounds. */
function multipleOf(figures: readonly Figures[], { operation, rounds }: Figures, subject: string): number {
  const other = figures.find((one) => one.operation === operation && one.subject === subject);
  return other === undefined ? Number.NaN : median(rounds.map((cpu, round) => cpu / (other.rounds[round] ?? Number.NaN)));
}
