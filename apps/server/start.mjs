/** `npm start`: builds what has changed and serves, in this process. Written for any Node, to be able to refuse an old one. */
const [major = 0, minor = 0] = process.version.slice(1).split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Gatehouse needs Node 20.19 or newer, and this is ${process.version}: install one from https://nodejs.org.\n`);
  process.exitCode = 1;
} else {
  start().catch(refuse);
}

async function start() {
  const { ensureBuilt } = await import('./build.mjs');
  process.stdout.write('Gatehouse\n');
  const built = await ensureBuilt({ onBuild: () => tell('build', 'compiling the sources') });
  if (!built) tell('build', 'up to date');
  const { launch } = await import('../../dist/apps/server/src/start/launch.js');
  await launch('person');
}

function tell(name, text) {
  process.stdout.write(`  ${name.padEnd(12)}${text}\n`);
}

async function refuse(error) {
  const { BuildError } = await import('./build.mjs');
  if (!(error instanceof BuildError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
