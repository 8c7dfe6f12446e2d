/** What a run has found, for people. */
import type { Finding, FuzzReport } from './run.js';

const CLASSES = ['2xx', '3xx', '4xx', '5xx', 'closed'] as const;
const MAX_BYTES = 4000;

export function printed(report: FuzzReport): string {
  const { seed, requests, seconds, memory, findings, single } = report;
  const speed = Math.round(requests / seconds);
  const summary = `${String(requests)} requests in ${seconds.toFixed(1)} s (${String(speed)}/s), seed ${String(seed)}`;
  const mebibytes = memory.map((value) => value.toFixed(0)).join(', ');
  return [
    summary,
    `memory of the server, median of each third of the run: ${mebibytes} MiB`,
    table(report),
    ...(single === undefined ? [] : [printedFinding(single, seed)]),
    ...findings.map((finding) => `FOUND: ${printedFinding(finding, seed)}`),
    `${String(findings.length)} findings`,
  ].join('\n\n');
}

function table({ counts }: FuzzReport): string {
  const rows = [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
  const total = CLASSES.map((kind) => rows.reduce((sum, [, by]) => sum + (by[kind] ?? 0), 0));
  const lines = rows.map(([endpoint, by]) => `| ${endpoint} | ${CLASSES.map((kind) => String(by[kind] ?? 0)).join(' | ')} |`);
  const head = `| endpoint | ${CLASSES.join(' | ').replace('closed', 'no answer')} |\n|---|${'---:|'.repeat(CLASSES.length)}`;
  return [head, ...lines, `| all | ${total.join(' | ')} |`].join('\n');
}

function printedFinding({ what, shot, answer, before = [] }: Finding, seed: number): string {
  if (shot === undefined) return what;
  const bytes = shot.bytes.toString('latin1');
  const shown = bytes.length > MAX_BYTES ? `${bytes.slice(0, MAX_BYTES)}… (${String(bytes.length)} bytes)` : bytes;
  return [
    what,
    `  request ${String(shot.number)} of seed ${String(seed)}: ${shot.draft.endpoint}; ${shot.mutations.join(', ') || 'as meant'}`,
    `  again: npm run fuzz -- --seed ${String(seed)} --only ${String(shot.number)}`,
    ...(before.length === 0 ? [] : [`  on the same connection before: ${before.join(', ')}`]),
    `  sent: ${JSON.stringify(shown)}`,
    ...(answer === undefined ? [] : [`  answer: ${JSON.stringify(answer)}`]),
  ].join('\n');
}
