/** Formats the report of a run for the terminal. */
import type { Finding, FuzzReport } from './run.js';

const CLASSES = ['2xx', '3xx', '4xx', '5xx', 'closed'] as const;
const MAX_BYTES = 4000;

export function formatReport(report: FuzzReport): string {
  const { seed, requests, seconds, memory, findings, single } = report;
  const speed = Math.round(requests / seconds);
  const summary = `${String(requests)} requests in ${seconds.toFixed(1)} s (${String(speed)}/s), seed ${String(seed)}`;
  const mebibytes = memory.map((value) => value.toFixed(0)).join(', ');
  return [
    summary,
    `memory of the server, median of each third of the run: ${mebibytes} MiB`,
    table(report),
    ...(single === undefined ? [] : [formatFinding(single, seed)]),
    ...findings.map((finding) => `FOUND: ${formatFinding(finding, seed)}`),
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

function formatFinding({ what, request, answer, before = [] }: Finding, seed: number): string {
  if (request === undefined) return what;
  const bytes = request.bytes.toString('latin1');
  const shown = bytes.length > MAX_BYTES ? `${bytes.slice(0, MAX_BYTES)}… (${String(bytes.length)} bytes)` : bytes;
  const mutations = request.mutations.join(', ') || 'no mutation';
  return [
    what,
    `  request ${String(request.number)} of seed ${String(seed)}: ${request.draft.endpoint}; ${mutations}`,
    `  repeat: npm run fuzz -- --seed ${String(seed)} --only ${String(request.number)}`,
    ...(before.length === 0 ? [] : [`  on the same connection before: ${before.join(', ')}`]),
    `  sent: ${JSON.stringify(shown)}`,
    ...(answer === undefined ? [] : [`  answer: ${JSON.stringify(answer)}`]),
  ].join('\n');
}
