import type { Server } from './create-server.js';

/** A terminal's Ctrl-C reaches the server twice under npm: from the terminal, and handed on by npm. */
const ONE_KEYSTROKE_MILLISECONDS = 500;
const LOOK_AFTER_PARENT_MILLISECONDS = 500;

export interface Stoppable {
  readonly starting: Promise<Pick<Server, 'close'>>;
  /** Whether a start that is cut off leaves a process behind. */
  readonly mustFinishStart: boolean;
}

/**
 * Closes the server at the first SIGTERM or SIGINT, during its start too, and ends the process; a second one ends it at once.
 * Under npm the end of the shell in between counts as the first: it dies of a signal to npm without handing it on.
 */
export function stopOnSignals({ starting, mustFinishStart }: Stoppable): void {
  let since: number | undefined;
  let started = false;
  starting.then(() => (started = true), () => undefined);
  const stop = (): void => {
    const now = performance.now();
    if (since !== undefined && now - since > ONE_KEYSTROKE_MILLISECONDS) process.exit(1);
    if (since !== undefined) return;
    since = now;
    if (!started && !mustFinishStart) process.exit(0);
    void close(starting);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (process.env['npm_lifecycle_event'] !== undefined) {
    onceWithoutParent(() => {
      if (since === undefined) stop();
    });
  }
}

function onceWithoutParent(act: () => void): void {
  const parent = process.ppid;
  const looking = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(looking);
    act();
  }, LOOK_AFTER_PARENT_MILLISECONDS).unref();
}

async function close(starting: Stoppable['starting']): Promise<void> {
  // A start that failed has said so, and has closed what it opened.
  const server = await starting.catch(() => undefined);
  if (server === undefined) return;
  try {
    await server.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`The server did not stop cleanly: ${String(error)}\n`);
    process.exit(1);
  }
}
