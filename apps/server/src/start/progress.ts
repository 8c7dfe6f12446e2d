/** What a start tells while it works: to a log where a machine starts the server, in plain lines where a person does. */
import type { Log } from '../http/logging.js';

export interface Listening {
  /** Where the server listens, with the port that it got. */
  readonly url: string;
  readonly issuer: string;
  /** What a first start shows once; empty at every other. */
  readonly firstStart: string;
  /** What a person is told at every other start; without secrets. */
  readonly laterStart: string;
}

export interface Progress {
  step(name: 'database' | 'migrations', text: string): void;
  listening(listening: Listening): void;
}

/** Secrets are printed, not logged: a terminal forgets them, a log does not. */
export function loggedProgress(log: Log): Progress {
  return {
    step: (_, text) => log.info(text),
    listening: ({ url, issuer, firstStart }) => {
      process.stdout.write(firstStart);
      log.info('listening', { url, issuer });
    },
  };
}

const NAME_WIDTH = 12;

export function printedProgress(): Progress {
  const print = (name: string, text: string): void => void process.stdout.write(`  ${name.padEnd(NAME_WIDTH)}${text}\n`);
  return {
    step: print,
    listening: ({ issuer, firstStart, laterStart }) => {
      print('ready', `${issuer} after ${(performance.now() / 1000).toFixed(1)} s (Ctrl-C stops it)`);
      process.stdout.write(firstStart === '' ? laterStart : firstStart);
    },
  };
}
