import type { Server } from './create-server.js';

/** Closes the server at the first SIGTERM or SIGINT and ends the process; a second signal ends it at once. */
export function stopOnSignals(server: Pick<Server, 'close'>): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`The server did not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
