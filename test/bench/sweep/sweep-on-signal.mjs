/**
 * Loaded before the server: no sweep by the timer, but one at each SIGUSR2, as it is after a start, when nothing is known of what is
 * stored. Its batches are written to SWEEP_FILE when it has come to its end. Everything else is as in production.
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
