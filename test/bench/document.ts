/** Writes results between their markers in docs/performance.md, with the date and the machine of the measurement. */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

const DOCUMENT = join(import.meta.dirname, '../../docs/performance.md');

export function writeResults(section: string, command: string, results: string): void {
  const [begin, end] = [`<!-- ${section}: begin -->`, `<!-- ${section}: end -->`];
  const text = readFileSync(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no markers for ${section}`);
  writeFileSync(DOCUMENT, `${text.slice(0, from + begin.length)}\n\n${origin(command)}\n\n${results}\n\n${text.slice(to)}`);
}

function origin(command: string): string {
  const [cpu] = cpus();
  const machine = [
    `${String(availableParallelism())} × ${cpu?.model.trim() ?? 'unknown'}`,
    `${String(Math.round(totalmem() / 2 ** 30))} GiB`,
    `Linux ${release().split('.').slice(0, 2).join('.')}`,
    `Node ${process.versions.node}`,
  ];
  return `\`${command}\`,\n${new Date().toISOString().slice(0, 10)}, on ${machine.join(', ')}:`;
}
