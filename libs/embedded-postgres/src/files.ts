import { closeSync, fsyncSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { codeOf } from './embedded-postgres-error.js';

/** How the name of what is not yet whole begins. */
export const DRAFT = 'postgres.draft-';

/** The text of a file, or nothing when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A directory and all that is below it, parents first; symbolic links are named, not followed. */
export function* tree(directory: string): Generator<string> {
  yield directory;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* tree(path);
    else yield path;
  }
}

/** A rename survives a power failure only when its directory was flushed; Windows flushes no directories. */
export function flushDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
