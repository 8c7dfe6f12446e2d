/**
 * Lets Node run the TypeScript files of `test/` without a build: `node --import ./test/support/typescript.mjs file.ts`. Programs that
 * jest does not run need it. The server itself always comes from its build.
 */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const ROOT = new URL('../../', import.meta.url);
const SOURCE = /^file:.*\.ts$/;

// Node runs module hooks in a separate thread, which loads this file too.
if (isMainThread) register(import.meta.url);

/** Relative imports have the extension of the emitted file. */
export async function resolve(specifier, context, next) {
  const isOurs = specifier.startsWith('.') && SOURCE.test(context.parentURL ?? '');
  return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!SOURCE.test(url)) return next(url, context);
  const { transformSync } = await import('@swc/core');
  const { jsc, module } = JSON.parse(readFileSync(new URL('.swcrc', ROOT), 'utf8'));
  const options = { swcrc: false, sourceMaps: 'inline', jsc: { ...jsc, baseUrl: fileURLToPath(ROOT) }, module: { type: module.type } };
  const { code } = transformSync(readFileSync(new URL(url), 'utf8'), { ...options, filename: fileURLToPath(url) });
  return { format: 'module', source: code, shortCircuit: true };
}
