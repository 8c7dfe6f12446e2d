import { rmSync } from 'node:fs';

export default async function tearDown() {
  const started = globalThis.gatehouseTestDatabase;
  if (started === undefined) return;
  await started.postgres.stop();
  rmSync(started.dataDirectory, { recursive: true, force: true });
}
