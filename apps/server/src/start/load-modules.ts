import { setImmediate as turn } from 'node:timers/promises';

/** None takes much longer than the others; the last one is what is left. */
const PIECES = [() => import('#database/migrate.js'), () => import('#kernel/kernel.module.js'), () => import('./create-app.js')];

/**
 * Loads the modules of the application while the database comes up, in pieces between which the database is heard. Never
 * rejects: whoever needs the modules meets their failure.
 */
export async function loadModules(): Promise<void> {
  try {
    for (const load of PIECES) {
      await turn();
      await load();
    }
  } catch {
    // Told by the import of the one who needs it.
  }
}
