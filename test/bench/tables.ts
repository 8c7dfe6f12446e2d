/** The results as tables of Markdown, for the terminal and for docs/performance.md alike. */
import type { Comparison, Figures } from './compare.js';

/** MiB that this server may hold after the benchmark. */
const MEMORY_BOUND = 180;

export function costTable({ figures }: Comparison): string {
  return table(
    ['operation', 'subject', 'CPU ms', 'server', 'Postgres', '× floor', 'ops/s', 'p50 ms', 'p95', 'p99', 'WAL bytes'],
    figures.map((one) => [
      one.operation.title,
      one.subject,
      one.cpu.toFixed(2),
      one.server.toFixed(2),
      one.postgres.toFixed(2),
      multiple(one.cpu / costOf(figures, one, 'floor')),
      one.throughput.toFixed(0),
      one.p50.toFixed(1),
      one.p95.toFixed(1),
      one.p99.toFixed(1),
      one.wal.toFixed(0),
    ]),
  );
}

/** Each bound with what was measured and whether it holds; empty where there is nothing to compare with. */
export function verdicts({ figures, memory }: Comparison): string {
  const rows = figures.filter(({ subject }) => subject === 'gatehouse').flatMap((one) => {
    const { operation: { title, bound }, cpu } = one;
    const floor = cpu / costOf(figures, one, 'floor');
    const provider = cpu / costOf(figures, one, 'oidc-provider');
    return [
      ...(bound === undefined ? [] : [verdict(`${title} ≤ ${String(bound)} × the floor`, multiple(floor), floor <= bound)]),
      verdict(`${title} below oidc-provider`, multiple(provider), provider < 1),
    ];
  });
  const held = memory.get('gatehouse') ?? Number.NaN;
  const memoryRow = verdict(`memory ≤ ${String(MEMORY_BOUND)} MiB`, `${held.toFixed(0)} MiB`, held <= MEMORY_BOUND);
  return table(['bound', 'measured', 'verdict'], [...rows, memoryRow].filter(([, measured]) => !measured?.startsWith('–')));
}

export function memoryTable({ memory }: Comparison): string {
  return table(['subject', 'resident memory MiB'], [...memory].map(([subject, held]) => [subject, held.toFixed(0)]));
}

export function verdict(bound: string, measured: string, holds: boolean): string[] {
  return [bound, measured, holds ? 'holds' : '**missed**'];
}

export function multiple(ratio: number): string {
  return Number.isNaN(ratio) ? '–' : ratio.toFixed(2);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function costOf(figures: readonly Figures[], { operation }: Figures, subject: string): number {
  return figures.find((one) => one.operation === operation && one.subject === subject)?.cpu ?? Number.NaN;
}
