/** Loaded before the server: one SIGUSR2 starts the profiler, the next one stops it and writes the profile to PROFILE_FILE. */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const file = process.env.PROFILE_FILE;
const INTERVAL_US = 200;
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
let running = false;

process.on('SIGUSR2', () => {
  (running ? finish() : session.post('Profiler.start')).catch((error) => process.stderr.write(`${error.stack}\n`));
  running = !running;
});

async function finish() {
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(`${file}.draft`, JSON.stringify(profile));
  renameSync(`${file}.draft`, file);
}
