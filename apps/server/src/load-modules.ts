import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';

/** Each loads some 300 files, the last one what is left. */
const PIECES = ['#kernel/migrate.js', '#kernel/kernel.module.js', './create-app.js'];

/**
 * Loads the modules of the application, which is most of a start, while the database comes up. `require` needs a quarter less
 * time than `import`, which goes through the event loop for each file. It stands still meanwhile, hence the pieces. Never rejects:
 * whoever needs the modules meets their failure.
 */
export async function loadModules(): Promise<void> {
  try {
    if (!canRequireModules()) return;
    const require = createRequire(import.meta.url);
    for (const piece of PIECES) {
      await turn();
      require(piece);
    }
  } catch {
    // Told by the import of the one who needs it.
  }
}

/** From Node 20.19 and 22.12 on. */
function canRequireModules(): boolean {
  const features: Readonly<Record<string, unknown>> = { ...process.features };
  return features['require_module'] === true;
}
