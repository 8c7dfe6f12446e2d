import { EXPIRING } from '#test/expired-rows.js';
import { median, quantile } from '../statistics.js';
import { boundRow, table } from '../tables.js';
import type { Sweep, SweepFigures, Window } from './sweep.js';

/** 1 000 flows store a request, a code, a grant, a session, a login count, an access token and a refresh token each. */
const ROWS_PER_SECOND = 7000;
/** The upper bound of the time of the last batches of a table, as a multiple of that of the first ones. */
const BATCH_GROWTH = 1.5;
/** The upper bound of the p99 of requests during a sweep, as a multiple of the p99 without. */
const P99_GROWTH = 2;
const NONE = '–';

type Read = (window: Window | Sweep) => string;

export function sweepTable({ without, sweeps }: SweepFigures): string {
  const columns: readonly (Window | Sweep)[] = [without, ...sweeps];
  const ofRequests = (read: (window: Window) => string): Read => (window) => (window.latencies.length === 0 ? NONE : read(window));
  const ofSweep = (read: (sweep: Sweep) => string): Read => (window) => ('batches' in window ? read(window) : NONE);
  // Figures that are exact only if nothing else runs.
  const ofSweepAlone = (read: (sweep: Sweep) => string): Read => ofSweep((sweep) => (sweep.latencies.length > 0 ? NONE : read(sweep)));
  const rows: [string, Read][] = [
    ['requests per second', ofRequests(({ latencies, seconds }) => (latencies.length / seconds).toFixed(0))],
    ['p50 ms', ofRequests(({ latencies }) => quantile(latencies, 0.5).toFixed(1))],
    ['p95 ms', ofRequests(({ latencies }) => quantile(latencies, 0.95).toFixed(1))],
    ['p99 ms', ofRequests(({ latencies }) => quantile(latencies, 0.99).toFixed(1))],
    ['waits for a locked row', ({ rowWaits }) => String(rowWaits)],
    ['CPU of server and Postgres, % of a core', ({ cpu, seconds }) => (cpu / seconds / 10).toFixed(0)],
    ['deleted rows', ofSweep((sweep) => String(deletedRows(sweep)))],
    ['expired rows left', ofSweep(({ left }) => String(left))],
    ['rows per second', ofSweep((sweep) => rowsPerSecond(sweep).toFixed(0))],
    ['CPU µs per row', ofSweepAlone((sweep) => ((sweep.cpu * 1000) / deletedRows(sweep)).toFixed(1))],
    ['ms per batch: first tenth → last tenth', ofSweepAlone((sweep) => batchTimes(sweep).map((ms) => ms.toFixed(1)).join(' → '))],
    ['longest batch, ms', ofSweep(({ batches }) => Math.max(...batches.map(({ milliseconds }) => milliseconds)).toFixed(0))],
    ['MB of the tables: before → after a vacuum', ofSweep(({ size }) => `${size.before.toFixed(0)} → ${size.after.toFixed(0)}`)],
  ];
  return table(
    ['', 'requests alone', ...sweeps.map(({ title }) => `sweep ${title}`)],
    rows.map(([name, read]) => [name, ...columns.map((window) => read(window))]),
  );
}

export function sweepBoundsTable({ without, sweeps }: SweepFigures): string {
  const left = sweeps.reduce((sum, sweep) => sum + sweep.left, 0);
  const [duringRequests, ...alone] = sweeps;
  const p99 = quantile(duringRequests?.latencies ?? [], 0.99) / quantile(without.latencies, 0.99);
  const waits = sweeps.reduce((sum, { rowWaits }) => sum + rowWaits, 0);
  const growth = Math.max(...alone.map((sweep) => batchTimes(sweep)).map(([first, last]) => last / first));
  const slowest = Math.min(...alone.map((sweep) => rowsPerSecond(sweep)));
  return table(['bound', 'measured', 'result'], [
    boundRow('no expired row is left', String(left), left === 0),
    boundRow('no wait for a locked row', String(waits), waits === 0),
    boundRow(`p99 of requests ≤ ${String(P99_GROWTH)} × the p99 without a sweep`, p99.toFixed(2), p99 <= P99_GROWTH),
    boundRow(`last batches ≤ ${String(BATCH_GROWTH)} × the first`, growth.toFixed(2), growth <= BATCH_GROWTH),
    boundRow(`≥ ${String(ROWS_PER_SECOND)} rows per second, the rows of 1 000 flows`, slowest.toFixed(0), slowest >= ROWS_PER_SECOND),
  ]);
}

function deletedRows({ batches }: Sweep): number {
  return batches.reduce((sum, { count }) => sum + count, 0);
}

function rowsPerSecond(sweep: Sweep): number {
  return deletedRows(sweep) / sweep.seconds;
}

/** The median time of the first tenth of the batches of a table, and of the last tenth, each averaged over the tables. */
function batchTimes({ batches }: Sweep): [first: number, last: number] {
  const full = batches.filter(({ count }) => count > 0);
  const tables = EXPIRING.map((name) => full.filter((batch) => batch.table === name).map(({ milliseconds }) => milliseconds));
  const mean = (part: (times: readonly number[], tenth: number) => readonly number[]): number =>
    tables.reduce((sum, times) => sum + median(part(times, Math.ceil(times.length / 10))), 0) / tables.length;
  return [mean((times, tenth) => times.slice(0, tenth)), mean((times, tenth) => times.slice(-tenth))];
}
