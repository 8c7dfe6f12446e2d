import { EXPIRING } from '#test/expired-rows.js';
import { median, quantile } from '../statistics.js';
import { table, verdict } from '../tables.js';
import type { Sweep, SweepFigures, Window } from './sweep.js';

/** What 1 000 flows leave behind: a request, a code, a grant, a session, a login count, an access token and a refresh token each. */
const ROWS_A_SECOND = 7000;
/** How much longer the last batches of a table may take than the first ones. */
const SLOWER = 1.5;
/** What a sweep may make of the slowest answers, as a multiple. */
const LATER = 2;
const NONE = '–';

type Read = (window: Window | Sweep) => string;

export function sweepTable({ without, sweeps }: SweepFigures): string {
  const columns: readonly (Window | Sweep)[] = [without, ...sweeps];
  const ofRequests = (read: (window: Window) => string): Read => (window) => (window.latencies.length === 0 ? NONE : read(window));
  const ofSweep = (read: (sweep: Sweep) => string): Read => (window) => ('batches' in window ? read(window) : NONE);
  // One sweep of all, with nothing else at work.
  const ofOne = (read: (sweep: Sweep) => string): Read => ofSweep((sweep) => (sweep.latencies.length > 0 ? NONE : read(sweep)));
  const rows: [string, Read][] = [
    ['requests a second', ofRequests(({ latencies, seconds }) => (latencies.length / seconds).toFixed(0))],
    ['p50 ms', ofRequests(({ latencies }) => quantile(latencies, 0.5).toFixed(1))],
    ['p95 ms', ofRequests(({ latencies }) => quantile(latencies, 0.95).toFixed(1))],
    ['p99 ms', ofRequests(({ latencies }) => quantile(latencies, 0.99).toFixed(1))],
    ['waits for a row that another holds', ({ rowWaits }) => String(rowWaits)],
    ['CPU of server and Postgres, % of a core', ({ cpu, seconds }) => (cpu / seconds / 10).toFixed(0)],
    ['rows taken away', ofSweep((sweep) => String(taken(sweep)))],
    ['expired rows left', ofSweep(({ left }) => String(left))],
    ['rows a second', ofSweep((sweep) => pace(sweep).toFixed(0))],
    ['CPU µs a row', ofOne((sweep) => ((sweep.cpu * 1000) / taken(sweep)).toFixed(1))],
    ['ms a batch: first tenth → last tenth', ofOne((sweep) => ends(sweep).map((ms) => ms.toFixed(1)).join(' → '))],
    ['longest batch, ms', ofSweep(({ batches }) => Math.max(...batches.map(({ milliseconds }) => milliseconds)).toFixed(0))],
    ['MB of the tables: before → after a vacuum', ofSweep(({ size }) => `${size.before.toFixed(0)} → ${size.after.toFixed(0)}`)],
  ];
  return table(
    ['', 'requests alone', ...sweeps.map(({ title }) => `sweep ${title}`)],
    rows.map(([name, read]) => [name, ...columns.map((window) => read(window))]),
  );
}

export function sweepVerdicts({ without, sweeps }: SweepFigures): string {
  const left = sweeps.reduce((sum, sweep) => sum + sweep.left, 0);
  const [beside, ...whole] = sweeps;
  const p99 = quantile(beside?.latencies ?? [], 0.99) / quantile(without.latencies, 0.99);
  const waits = sweeps.reduce((sum, { rowWaits }) => sum + rowWaits, 0);
  const slower = Math.max(...whole.map((sweep) => ends(sweep)).map(([first, last]) => last / first));
  const slowest = Math.min(...whole.map((sweep) => pace(sweep)));
  return table(['bound', 'measured', 'verdict'], [
    verdict('nothing expired is left', String(left), left === 0),
    verdict('no wait for a row that another holds', String(waits), waits === 0),
    verdict(`p99 of requests ≤ ${String(LATER)} × that without a sweep`, p99.toFixed(2), p99 <= LATER),
    verdict(`the last batches ≤ ${String(SLOWER)} × the first`, slower.toFixed(2), slower <= SLOWER),
    verdict(`≥ ${String(ROWS_A_SECOND)} rows a second, what 1 000 flows leave behind`, slowest.toFixed(0), slowest >= ROWS_A_SECOND),
  ]);
}

function taken({ batches }: Sweep): number {
  return batches.reduce((sum, { count }) => sum + count, 0);
}

function pace(sweep: Sweep): number {
  return taken(sweep) / sweep.seconds;
}

/** The median batch of the first tenth of each table, and of the last; each the mean over the tables. */
function ends({ batches }: Sweep): [first: number, last: number] {
  const full = batches.filter(({ count }) => count > 0);
  const tables = EXPIRING.map((name) => full.filter((batch) => batch.table === name).map(({ milliseconds }) => milliseconds));
  const mean = (part: (times: readonly number[], tenth: number) => readonly number[]): number =>
    tables.reduce((sum, times) => sum + median(part(times, Math.ceil(times.length / 10))), 0) / tables.length;
  return [mean((times, tenth) => times.slice(0, tenth)), mean((times, tenth) => times.slice(-tenth))];
}
