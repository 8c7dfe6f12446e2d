/**
 * Loaded before the server: the cleanup runs at each SIGUSR2 instead of by its timer, and each run begins as the first one after a start
 * does. At the end of a run, its batches are written to SWEEP_FILE. Everything else is as in production.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Database } from '../../../dist/libs/database/src/database.js';
import { Cleanup } from '../../../dist/libs/database/src/cleanup.js';

const file = process.env.SWEEP_FILE;
const { queryTogether } = Database.prototype;
let batches = [];

Database.prototype.queryTogether = async function (steps) {
  const [, table] = /^(\w+)_delete_expired$/.exec(steps.at(-1).statement.name) ?? [];
  const began = performance.now();
  const rows = await queryTogether.call(this, steps);
  if (table !== undefined) batches.push({ table, count: rows[0].count, milliseconds: performance.now() - began });
  return rows;
};

Cleanup.prototype.onApplicationBootstrap = function () {
  process.on('SIGUSR2', () => {
    const fresh = new Cleanup(this.database, this.clock, this.dataSource);
    run(fresh).catch((error) => process.stderr.write(`${error.stack}\n`));
  });
};

async function run(cleanup) {
  batches = [];
  await cleanup.run();
  writeFileSync(`${file}.draft`, JSON.stringify(batches));
  renameSync(`${file}.draft`, file);
}
