/**
 * Loaded before the server: the cleanup runs at each SIGUSR2 instead of by its timer, and each run begins as the first one after a start
 * does. At the end of a run, its batches are written to SWEEP_FILE. Everything else is as in production.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Database } from '../../../dist/libs/database/src/database.js';
import { Cleanup } from '../../../dist/libs/database/src/cleanup.js';

const file = process.env.SWEEP_FILE;
const { queryTogether } = Database.prototype;
const { add } = Cleanup.prototype;
const tasks = [];
let batches = [];

Database.prototype.queryTogether = async function (steps) {
  const [, table] = /^(\w+)_sweep$/.exec(steps.at(-1).statement.name) ?? [];
  const began = performance.now();
  const rows = await queryTogether.call(this, steps);
  if (table !== undefined) batches.push({ table, count: rows[0].count, milliseconds: performance.now() - began });
  return rows;
};

Cleanup.prototype.add = function (...task) {
  tasks.push(task);
  add.apply(this, task);
};

Cleanup.prototype.onApplicationBootstrap = function () {
  process.on('SIGUSR2', () => {
    const fresh = new Cleanup(this.database, this.clock);
    for (const task of tasks) add.apply(fresh, task);
    sweep(fresh).catch((error) => process.stderr.write(`${error.stack}\n`));
  });
};

async function sweep(cleanup) {
  batches = [];
  await cleanup.sweep();
  writeFileSync(`${file}.draft`, JSON.stringify(batches));
  renameSync(`${file}.draft`, file);
}
